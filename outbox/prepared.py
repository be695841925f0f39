"""
Statements that run with every signature: the database plans each of them once for a connection.

Django's own cursors put the values into the text and have it parsed and planned each time, which costs the database more
than running it. These send text and values apart; settings.DATABASES says after how many times a text is prepared.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

_server_binding_cursor: Any = ServerBindingCursor  # its stub knows no constructor


def run_prepared(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """
    This function will run a statement on the connection and in the transaction of the caller, as Django's cursors do.

    Args:    statement: a constant, with named placeholders; its text is what the database remembers it by.
    Returns: the first row, or None without one. JSON arrives as text.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    bare: Any = _server_binding_cursor(connection.connection)
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with make(bare) as cursor:  # both know the wrappers of execute_wrapper
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
    return row
