"""Makes a table append-only in the database itself, so that no code path and no shell session edits history."""

from django.db import migrations

_FUNCTION = "refuse_change_of_history"
_CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only_function() -> migrations.RunSQL:
    """This function will make the migration step that every later `append_only_table` needs."""
    return migrations.RunSQL(_CREATE_FUNCTION, f"DROP FUNCTION {_FUNCTION}()")


def append_only_table(table: str) -> migrations.RunSQL:
    """
    This function will make the migration step that refuses UPDATE, DELETE and TRUNCATE on a table.

    The trigger is called `<table>_append_only`; tests/flushing.py looks for that name when it empties the tables
    between tests. The migration depends on accounts.0002, which makes the function.
    """
    trigger = f"{table}_append_only"
    create = (
        f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
    )
    return migrations.RunSQL(create, f"DROP TRIGGER {trigger} ON {table}")
