"""Lets the test runner empty append-only tables between tests. Inside a test they refuse, as everywhere else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.backends.postgresql.operations import DatabaseOperations

_SWITCH = r"""
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT tgrelid::regclass AS tbl, tgname FROM pg_trigger WHERE tgname LIKE '%\_append\_only'
    LOOP EXECUTE format('ALTER TABLE %s {} TRIGGER %I', found.tbl, found.tgname); END LOOP;
END $$
"""


@contextmanager
def emptying_append_only_tables() -> Iterator[None]:
    """While this is open, Django's flush (the end of a transaction=True test) first disables the guards, then enables them."""
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: Sequence[str]) -> None:
        original(self, [_SWITCH.format("DISABLE"), *sql_list, _SWITCH.format("ENABLE")])

    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
    try:
        yield
    finally:
        DatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]
