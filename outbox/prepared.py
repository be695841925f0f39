"""
Statements that run with every signature: several of them in one round trip, and planned rarely (outbox/flights.py).

Django's own cursors put the values into the text, have it parsed and planned each time, and wait for each answer; that
costs both sides more than the work itself.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.postgresql.base import ServerBindingCursor

from outbox.flights import Asked, Line, Row, Statement, line_of

_server_binding_cursor: Any = ServerBindingCursor  # its stub knows no constructor


def run_prepared(statement: Statement, parameters: Mapping[str, Any], *, commits: bool = False) -> Row | None:
    """This function will run one statement and return its first row, or None without one; see run_together."""
    return run_together((statement, parameters), commits=commits)[0]


def run_together(*asked: Asked, commits: bool = False) -> list[Row | None]:
    """
    This function will run statements in their order, on the connection and in the transaction of the caller.

    Each of them sees what was committed before it began, so also what the one before it has waited for.
    Args:    commits: the caller's block ends with these: its commit travels with them.
    Returns: the first row of each, None for what returns none. JSON arrives as text.
    Raises:  the errors of django.db; after a statement that fails none runs.
    """
    database = _connected()
    if _is_heard(database):
        return [_run_heard(database, statement, parameters) for statement, parameters in asked]
    database.validate_no_broken_transaction()
    line = _line_of(database)
    ends = commits and (line.has_begun or len(database.atomic_blocks) == 1)
    with database.wrap_database_errors:
        return line.run(asked, commits=ends)


def one_transaction() -> AbstractContextManager[None]:
    """
    This function will make one transaction of the flights in its block, as transaction.atomic does, for less.

    It begins with the first of them and ends with the one that `commits`, or at the end of the block; an error undoes it.
    Django knows nothing of it: the block reads and writes by flights, may read through the ORM, and opens no other block.
    Inside another block, and where somebody listens to each statement, it is transaction.atomic itself.
    """
    database = _connected()
    if not database.autocommit or _is_heard(database):
        return transaction.atomic()
    return _OneTransaction(database, _line_of(database))


class _OneTransaction:
    def __init__(self, database: Any, line: Line) -> None:
        self._database, self._line = database, line

    def __enter__(self) -> None:
        self._line.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._database.wrap_database_errors:
            self._line.end(keeps=kind is None)


def _connected() -> Any:
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.connection is not None:
        database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    return database


def _line_of(database: Any) -> Line:
    with database.wrap_database_errors:  # a first one is made with a cursor, which a lost connection refuses
        return line_of(database.connection, keeps_plans=lambda: database.keeps_plans)


def _is_heard(database: Any) -> bool:
    return bool(database.execute_wrappers or database.queries_logged)


def _run_heard(database: Any, statement: Statement, parameters: Mapping[str, Any]) -> Row | None:
    """This function will run a statement by itself, as Django's cursors do, where somebody listens to each of them."""
    bare: Any = _server_binding_cursor(database.connection)
    make = database.make_debug_cursor if database.queries_logged else database.make_cursor
    with make(bare) as cursor:
        cursor.execute(statement.text, parameters)
        row: Row | None = cursor.fetchone() if cursor.description else None
    return row
