"""
Who waits for a lost database, and for how long.

While a connection cannot be had, each visitor would wait for it as long as the pool is patient, and all who queue for
their threads would wait behind them. So only those wait who were there when it was lost: a short restart passes them
by unseen. Whoever comes later is told at once, until a connection was had again.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

PATIENCE_WHILE_LOST_S = 0.1


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that tells the pool of its process how the last try to have one went."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            self._wait_at_most(PATIENCE_WHILE_LOST_S)
            raise
        self._wait_at_most(float("inf"))
        return connection

    def _wait_at_most(self, limit_s: float) -> None:
        if self.pool:
            self.pool.timeout = min(self.settings_dict["OPTIONS"]["pool"]["timeout"], limit_s)
