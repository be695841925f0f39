"""
Changing the key: what older keys sealed is sealed again with the first one, while the site serves.

It knows no table; each app lists its own as SEALED_TABLES. Nothing needs to be remembered between two runs, since each
value names its key.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BinaryField, Count, F, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Substr
from django.db.models.lookups import Exact

from outbox.sealing import CannotUnseal, key_header, key_id_of, seal, unseal

BATCH = 1_000
# A later pass takes what somebody else had locked during the one before; what is busy for so long waits for the next run.
MAX_PASSES = 5


@dataclass(frozen=True, kw_only=True)
class SealedColumn:
    """A BinaryField that `seal` fills for one purpose; NULL where there is nothing to seal."""

    name: str
    purpose: str

    def in_sql(self) -> Combinable:
        return F(self.name)

    def read(self, row: Any) -> bytes | None:
        sealed = getattr(row, self.name)
        return None if sealed is None else bytes(sealed)

    def write(self, row: Any, sealed: bytes) -> None:
        setattr(row, self.name, sealed)


@dataclass(frozen=True, kw_only=True)
class SealedJsonText(SealedColumn):
    """A sealed value that a JSON object of another's making keeps in base64 under one key, or does not have."""

    key: str

    def in_sql(self) -> Combinable:
        text = KeyTextTransform(self.key, self.name)
        return Func(text, Value("base64"), function="decode", output_field=BinaryField())

    def read(self, row: Any) -> bytes | None:
        text = getattr(row, self.name).get(self.key)
        return None if text is None else base64.b64decode(text)

    def write(self, row: Any, sealed: bytes) -> None:
        getattr(row, self.name)[self.key] = base64.b64encode(sealed).decode()


@dataclass(frozen=True, kw_only=True)
class SealedTable:
    """A model and everything in it that is sealed."""

    model: type[Model]
    columns: tuple[SealedColumn, ...]

    @property
    def label(self) -> str:
        return str(self.model._meta.label)  # noqa: SLF001 # Django's own interface, whatever it is called

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()  # noqa: SLF001 # the same


@dataclass(frozen=True, kw_only=True)
class SealedValues:
    """How many values of a table each key of ENCRYPTION_KEYS has sealed, and how many none of them opens."""

    by_key: dict[str, int]
    of_no_key: int

    @property
    def older(self) -> int:
        """How many wait for the first key."""
        _first, *others = self.by_key.values()
        return sum(others) + self.of_no_key


def count_sealed(table: SealedTable) -> SealedValues:
    """This function will count the values of a table by their keys, in one statement that reads all of it."""
    counts = {f"key{n}": _count(table, key_id) for n, key_id in enumerate(settings.ENCRYPTION_KEYS)}
    all_values = sum((Count(column.in_sql()) for column in table.columns), start=Value(0))
    row = table.rows.aggregate(**counts, all_values=all_values)
    by_key = {key_id: int(row[f"key{n}"]) for n, key_id in enumerate(settings.ENCRYPTION_KEYS)}
    return SealedValues(by_key=by_key, of_no_key=int(row["all_values"]) - sum(by_key.values()))


def reseal_table(table: SealedTable, *, batch: int = BATCH) -> int:
    """
    This function will seal what is not sealed with the first key again with that; it may be killed and run again.

    Args:    batch: rows of one transaction, and locked for as long; what others have locked is left for a later pass.
    Returns: how many values. What cannot be opened is left as it is: `count_sealed` goes on to tell of it.
    Writes:  the sealed columns; what they say is the same.
    """
    total = 0
    for _ in range(MAX_PASSES):
        resealed = sum(_reseal_batches(table, batch))
        total += resealed
        if not resealed:
            break
    return total


def _reseal_batches(table: SealedTable, batch: int) -> Iterator[int]:
    """This function will walk the table once in the order of its key, a transaction for each batch."""
    rows: list[Any] = []
    while True:
        with transaction.atomic():
            rows = _lock_older(table, after=rows[-1].pk if rows else None, limit=batch)
            resealed = _reseal_rows(table, rows)
        yield resealed
        if len(rows) < batch:
            return


def _lock_older(table: SealedTable, *, after: Any, limit: int) -> list[Any]:
    older = reduce(or_, (~_is_sealed_with(column, _first_key_id()) for column in table.columns))
    rows = table.rows.filter(older).only(*_column_names(table)).order_by("pk")
    # Not FOR UPDATE outright: rows that point at these may be inserted meanwhile, since no key changes.
    locked = rows.select_for_update(skip_locked=True, no_key=True)
    return list((locked if after is None else locked.filter(pk__gt=after))[:limit])


def _reseal_rows(table: SealedTable, rows: list[Any]) -> int:
    counts = [sum(_reseal(row, column) for column in table.columns) for row in rows]
    changed = [row for row, count in zip(rows, counts, strict=True) if count]
    if changed:
        table.rows.bulk_update(changed, _column_names(table))
    return sum(counts)


def _reseal(row: Any, column: SealedColumn) -> bool:
    sealed = column.read(row)
    if sealed is None:
        return False
    try:
        if key_id_of(sealed=sealed) == _first_key_id():
            return False
        text = unseal(sealed=sealed, purpose=column.purpose)
    except CannotUnseal:
        return False
    column.write(row, seal(text=text, purpose=column.purpose))
    return True


def _count(table: SealedTable, key_id: str) -> Any:
    counts = (Count("pk", filter=_is_sealed_with(column, key_id)) for column in table.columns)
    return sum(counts, start=Value(0))


def _is_sealed_with(column: SealedColumn, key_id: str) -> Q:
    header = key_header(key_id)
    beginning = Substr(column.in_sql(), 1, len(header), output_field=BinaryField())
    return Q(Exact(beginning, Value(header)))


def _column_names(table: SealedTable) -> list[str]:
    return sorted({column.name for column in table.columns})


def _first_key_id() -> str:
    return next(iter(settings.ENCRYPTION_KEYS))
