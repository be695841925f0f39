"""
Who waits for a lost database, and for how long. For one that is silent: outbox/silence.py.

While a connection cannot be had, each visitor would wait for it as long as the pool is patient, and all who queue for
their threads would wait behind them. So only those wait who were there when it was lost: a short restart passes them
by unseen. Whoever comes later is told at once, until a connection was had again.
"""

import select
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base

from keep4o_site.postgresql import lending
from outbox.silence import BoundedConnection, Patience

PATIENCE_WHILE_LOST_S = 0.1
# The values that come do not change how our prepared statements are best run; the tables do (outbox/flights.py).
_ONE_PLAN_FOR_ALL_VALUES = "-c plan_cache_mode=force_generic_plan"
# Whoever gave up must not go on waiting for a lock there, nor keep one for ever because their machine has stopped.
_LEAVE_WITH_THE_VISITOR = "-c client_connection_check_interval=1s -c idle_in_transaction_session_timeout=60s"
_BESIDE_S = 2  # to connect, and to answer; the driver knows no shorter time for the first


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that stays with its thread, and tells the pool of its process how the last try to have one went."""

    _patiences: ClassVar[dict[str, Patience]] = {}
    _has_rested = False  # since it was used last, it may have died unseen

    @property
    def patience(self) -> Patience:
        """What the threads of this process know together of this database; PATIENCE_S in its settings bounds it."""
        if self.alias not in self._patiences:
            known = Patience(bearable_s=self.settings_dict.get("PATIENCE_S"), connect=self._connect_beside)
            self._patiences.setdefault(self.alias, known)
        return self._patiences[self.alias]

    @property
    def keeps_plans(self) -> bool:
        """
        Whether what is prepared on a connection is there again with the next transaction.

        A pooler between us and the database that hands each transaction another connection wants
        "?prepare_threshold=None" in DATABASE_URL.
        """
        return str(self.settings_dict["OPTIONS"].get("prepare_threshold", "")) != "None"

    def get_connection_params(self) -> dict[str, Any]:
        if self.alias in self._connection_pools:  # type: ignore[attr-defined] # its stub does not know them
            return {}  # its connections are made already; Django asks with each request
        params: dict[str, Any] = super().get_connection_params()
        params["prepare_threshold"] = None  # the driver would forget, with its own statements, also ours
        if self.keeps_plans:  # a pooler would also refuse these
            leaving = _LEAVE_WITH_THE_VISITOR if self.settings_dict.get("PATIENCE_S") else ""
            params["options"] = f"{params.get('options', '')} {_ONE_PLAN_FOR_ALL_VALUES} {leaving}".strip()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.patience.is_lost:
            self._wait_at_most(PATIENCE_WHILE_LOST_S)
        try:
            connection = self._living_connection(conn_params)
        except psycopg.OperationalError:
            self._wait_at_most(PATIENCE_WHILE_LOST_S)
            raise
        self._wait_at_most(float("inf"))
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        """This function will let the connection stay with its thread at the end of a request, if nothing is wrong with it."""
        stays = self.connection is not None and not self.errors_occurred and not self.in_atomic_block
        if stays and lending.may_stay(alias=self.alias, connection=self.connection):
            self._has_rested = True
        else:
            super().close_if_unusable_or_obsolete()

    def close_if_health_check_failed(self) -> None:
        """This function will give back what has died while it rested; Django asks it before each use."""
        if self._has_rested:
            self._has_rested = False
            if self.connection is not None and not is_alive(self.connection):
                self.connection.close()
                self.close()
        super().close_if_health_check_failed()

    def _living_connection(self, conn_params: dict[str, Any]) -> Any:
        """This function will give back to the pool what has died there; a new connection takes its place."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_alive(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        if self.pool:
            lending.lend(alias=self.alias, connection=connection)
        return connection

    def _close(self) -> None:
        lending.take_back(alias=self.alias)
        super()._close()  # type: ignore[misc] # its stub does not know it

    def _configure_connection(self, connection: Any) -> Any:
        """This function will bound what a new connection waits for, before Django asks anything there."""
        connection.patience = self.patience
        return super()._configure_connection(connection)  # type: ignore[misc]  # its stub knows none

    def _connect_beside(self) -> psycopg.Connection[Any]:
        """This function will open a connection that is not the pool's; while there is none to be had, that takes 2 s."""
        params = self.pool.kwargs if self.pool else self.get_connection_params()
        connection = BoundedConnection.connect(**{**params, "autocommit": True, "connect_timeout": _BESIDE_S})
        connection.patience = Patience(bearable_s=_BESIDE_S)
        return connection

    def _wait_at_most(self, limit_s: float) -> None:
        if self.pool:
            self.pool.timeout = min(self.settings_dict["OPTIONS"]["pool"]["timeout"], limit_s)


def is_alive(connection: Any) -> bool:
    """
    This function will tell whether a connection that rested in the pool is still one.

    A database that goes away closes its connections: something is to be read there, if only the end. Where nothing is,
    nothing is asked, which saves each request a round trip.
    """
    if connection.closed:
        return False
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if not socket.poll(0):
        return True
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return False
    return True
