"""
Connections that stay with a thread from one request to the next.

Django gives a connection back to the pool after each request and takes one with the next: for a request of a millisecond
that is a tenth of its work, and each time another process of the database answers, which has cold caches. There is
a connection for each thread, so nobody else waits for the one that stays.
"""

import contextlib
import threading
import time
from typing import Any

from psycopg.pq import TransactionStatus

LENT_AT_MOST_S = 60.0  # then the pool sees it once, which renews what is old


class _Lent:
    """What a thread holds of a pool; when the thread ends, it goes back."""

    def __init__(self, connection: Any) -> None:
        self.connection: Any = connection
        self.until = time.monotonic() + LENT_AT_MOST_S

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # the process ends, and the pool is closed
            if self.connection is not None:
                self.connection._pool.putconn(self.connection)  # noqa: SLF001 # as Django gives it back


class _LentByAlias(threading.local):
    def __init__(self) -> None:
        self.by_alias: dict[str, _Lent] = {}


_of_this_thread = _LentByAlias()


def lend(*, alias: str, connection: Any) -> None:
    """This function will note that a thread holds a connection of a pool, until `take_back` or its end."""
    _of_this_thread.by_alias[alias] = _Lent(connection)


def take_back(*, alias: str) -> None:
    """This function will forget that a thread holds a connection: its caller gives it to the pool."""
    lent = _of_this_thread.by_alias.pop(alias, None)
    if lent is not None:
        lent.connection = None


def may_stay(*, alias: str, connection: Any) -> bool:
    """This function will tell whether a connection may stay with its thread: it is whole, at rest, and not for too long."""
    lent = _of_this_thread.by_alias.get(alias)
    return (
        lent is not None
        and lent.connection is connection
        and time.monotonic() < lent.until
        and connection.autocommit
        and connection.pgconn.transaction_status == TransactionStatus.IDLE
    )
