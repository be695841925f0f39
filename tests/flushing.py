"""Lets the test runner empty append-only tables between tests. Inside a test they refuse, as everywhere else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from django.apps import apps
from django.db.backends.postgresql.operations import DatabaseOperations

_SEEDING_MIGRATIONS = (
    "accounts.migrations.0005_mail_domain_rules_as_data",
    "testimonials.migrations.0003_help_and_reasons",
)
_SWITCH = r"""
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT tgrelid::regclass AS tbl, tgname FROM pg_trigger WHERE tgname LIKE '%\_append\_only'
    LOOP EXECUTE format('ALTER TABLE %s {} TRIGGER %I', found.tbl, found.tgname); END LOOP;
END $$
"""


def _restore_seeds() -> None:
    """What migrations put into tables is part of every database, of an emptied one too."""
    for name in _SEEDING_MIGRATIONS:
        import_module(name).seed(apps, None)


@contextmanager
def emptying_append_only_tables() -> Iterator[None]:
    """While this is open, Django's flush (the end of a transaction=True test) first disables the guards, then enables them."""
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: Sequence[str]) -> None:
        original(self, [_SWITCH.format("DISABLE"), *sql_list, _SWITCH.format("ENABLE")])
        _restore_seeds()

    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
    try:
        yield
    finally:
        DatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]
