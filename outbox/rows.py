"""Rows of a model as statements of our own name them: columns, placeholders, and the values as the database takes them."""

from collections.abc import Callable, Mapping, Sequence
from json import JSONDecoder
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, JSONField, Model
from django.db.models.base import ModelState
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=Model)


class RowText(Generic[M]):
    """
    The columns of a model in one order, for writing and reading them without building a query.

    `prefix` parts the placeholders of two rows that go into one statement.
    """

    def __init__(self, model: type[M], *, prefix: str = "", has_number: bool = False, only: Sequence[str] = ()) -> None:
        self._model, self._prefix = model, prefix
        fields = model._meta.local_concrete_fields  # noqa: SLF001 # documented API
        self._fields = [
            field for field in fields if field.attname in only or (not only and (has_number or not field.primary_key))
        ]
        self.columns = ", ".join(str(field.column) for field in self._fields)
        self.placeholders = ", ".join(f"%({prefix}{field.attname})s" for field in self._fields)
        self.width = len(self._fields)
        self._json_names = frozenset(field.attname for field in self._fields if isinstance(field, JSONField))
        self._names = [field.attname for field in self._fields]
        self._defaults = {
            f"{prefix}{field.attname}": field.get_db_prep_save(field.get_default(), connection)
            for field in self._fields
        }
        converters = ((at, _converter_of(field)) for at, field in enumerate(self._fields))
        self._converters = [(at, convert) for at, convert in converters if convert]

    def columns_of(self, alias: str) -> str:
        """This function will name the columns of the table under an alias."""
        return ", ".join(f"{alias}.{field.column}" for field in self._fields)

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """This function will name by placeholder what the database is to keep: the model's defaults for what is not given."""
        given = {
            f"{self._prefix}{name}": Jsonb(value) if name in self._json_names else value
            for name, value in values.items()
        }
        return self._defaults | given

    def instance_of(self, row: Sequence[Any], **loaded: Model) -> M:
        """
        This function will make an instance of a row's values, as if the ORM had read them.

        Args: loaded: what foreign keys of it lead to, by their fields' names.
        """
        values = list(row)
        for at, convert in self._converters:
            values[at] = convert(values[at])
        # As it is unpickled: a constructor takes the values one by one, and tells receivers of signals, of which we have none.
        instance = self._model.__new__(self._model)
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        state.fields_cache.update(loaded)
        instance.__dict__.update(zip(self._names, values, strict=True), _state=state)
        return instance


def _converter_of(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """This function will return what makes a field's value of what the driver read, None if that is the value."""
    if isinstance(field, JSONField) and field.decoder is None:
        decode = JSONDecoder().raw_decode  # what comes out of a jsonb has nothing around it
        return lambda value: None if value is None else decode(value)[0]
    convert = getattr(field, "from_db_value", None)
    return convert and (lambda value: convert(value, None, connection))
