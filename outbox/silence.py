"""
For how long a database may say nothing.

One that goes away closes its connections, and whoever waits is told. One that hangs, stopped or cut off or with a stuck
disk, closes nothing: without a bound all threads of a web server would wait for it, and with them the pages that need no
database at all. Only web servers have the bound; whatever runs elsewhere has nobody waiting, and takes its time.
"""

import logging
import select
import time
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.waiting import Ready

logger = logging.getLogger(__name__)
# Others have given it up and it has said nothing since: nobody waits for it as they did.
ONCE_SILENT_S = 0.3
LONGEST_WORK_S = 60.0  # a proxy before the site gives up no later
_LOOK_EVERY_S = 0.1  # as the driver does
_IS_AT_WORK = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s AND state = 'active')"
_work_may_be_long: ContextVar[bool] = ContextVar("work_may_be_long", default=False)


class SilentDatabaseError(psycopg.OperationalError):
    """The database has said nothing for so long; what it was asked may be done or not."""


class Patience:
    """
    What the threads of a process know together of one database.

    Args: bearable_s: how long it may be silent; None without a bound.
          connect: opens another connection to it, and gives up soon.
    """

    def __init__(
        self, *, bearable_s: float | None = None, connect: Callable[[], psycopg.Connection[Any]] | None = None
    ) -> None:
        self._bearable_s, self._connect = bearable_s, connect
        self.is_lost = False

    def left_s(self) -> float | None:
        return ONCE_SILENT_S if self.is_lost else self._bearable_s

    def listen(self, gen: Any) -> Generator[Any, Any, Any]:
        """This function will drive a wait of the driver and take note once the database has said something."""
        ready = None
        while True:
            try:
                awaited = gen.send(ready)
            except StopIteration as end:
                return end.value
            ready = yield awaited
            if ready and ready & Ready.R:
                self.is_lost = False

    def lose(self, connection: psycopg.Connection[Any]) -> SilentDatabaseError:
        """This function will end a connection, for what still comes there answers nobody; the caller raises the error."""
        self.is_lost = True
        logger.warning("database_silent")
        connection.close()
        return SilentDatabaseError("the database says nothing")

    def is_at_work(self, pid: int) -> bool:
        """This function will ask the database whether it works on what one of its processes was asked."""
        if self._connect is None:
            return False
        try:
            with self._connect() as other:
                row = other.execute(_IS_AT_WORK, [pid]).fetchone()
        except psycopg.OperationalError as error:
            logger.warning("database_not_found_at_work", extra={"error": type(error).__name__})
            return False
        self.is_lost = False
        return bool(row and row[0])


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose server may be silent for as long as `patience` says."""

    patience = Patience()

    def wait(self, gen: Any, interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> Any:
        """
        This function will wait as the driver does, which calls it for everything that it waits for.

        Raises: SilentDatabaseError, for work that may be long only if the database does not work on it.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        if self.patience.is_lost:
            gen = self.patience.listen(gen)
        until = time.monotonic() + LONGEST_WORK_S
        while True:
            try:
                return super().wait(gen, interval, self.patience.left_s())
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 # the driver leaves it to its callers and exports no other
                if time.monotonic() > until or not self._is_worth_waiting_for():
                    raise self.patience.lose(self) from None

    def _is_worth_waiting_for(self) -> bool:
        return _work_may_be_long.get() and self.patience.is_at_work(self.info.backend_pid)


def let_work_be_long(*, is_long: bool) -> None:
    """This function will say of the request that a thread begins whether a statement of it may take long."""
    _work_may_be_long.set(is_long)


def await_answer(socket: select.poll, connection: psycopg.Connection[Any]) -> None:
    """This function will wait until something can be done with a socket of a connection, as long as its patience says."""
    patience: Patience = getattr(connection, "patience", BoundedConnection.patience)
    left_s = patience.left_s()
    happened = socket.poll(None if left_s is None else left_s * 1000)
    if not happened:
        raise patience.lose(connection)
    if patience.is_lost and any(event & select.POLLIN for _, event in happened):
        patience.is_lost = False
