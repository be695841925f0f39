"""
Whether a read may go to a replica of the database, and whether that one is near enough to the truth.

Only pages that say so are read there (accounts.decorators.may_lag); everything else is the primary's, and so is every
write. How far the replica is behind is told without comparing clocks: the primary says how far its log reaches, and
once the replica has replayed that much, it holds all that was committed when the primary was asked.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

logger = logging.getLogger(__name__)
REPLICA = "replica"
# What a replica can fail with, be it gone, behind, or busy with replaying what a read still needs.
FAILURES = (DatabaseError, InterfaceError)
AWAY_S = 2.0  # so long a replica that failed is left alone
# A replica beside its primary replays within a few milliseconds: whoever looks waits as long as that takes.
_PAUSES_S = (0.0, 0.003, 0.01, 0.02)
# Accounts, switches and messages are few and matter at once; stories too, that nobody may read any more once withdrawn.
_APPS = frozenset({"campaigns", "petitions"})
_HOW_FAR = "SELECT pg_current_wal_flush_lsn()::text"
# NULL on a primary: one that was a replica, and has been promoted, is used no more.
_HAS_REPLAYED = "SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


class Nearness:
    """What this process knows of how near its replica is. All threads share it, and one of them looks at a time."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._near_at = float("-inf")  # the replica holds all that was committed then
        self._next_look_at = self._away_until = 0.0
        self._is_used = False

    def is_near(self) -> bool:
        """This function will tell whether the replica lags by settings.DATABASE_REPLICA_MAX_LAG_S at most."""
        now = time.monotonic()
        if REPLICA not in settings.DATABASES or now < self._away_until:
            return False
        if now >= self._next_look_at and self._looking.acquire(blocking=False):
            try:
                self._look(now)
            finally:
                self._looking.release()
        return self._note(time.monotonic() - self._near_at <= settings.DATABASE_REPLICA_MAX_LAG_S)

    def leave(self, error: Exception) -> None:
        """This function will leave the replica alone for a moment, since it failed."""
        logger.warning("replica_failed", extra={"error": type(error).__name__})
        self._away_until = time.monotonic() + AWAY_S
        self._near_at = float("-inf")
        self._note(is_near=False)

    def _look(self, now: float) -> None:
        self._next_look_at = now + settings.DATABASE_REPLICA_MAX_LAG_S / 2
        try:
            if self._has_caught_up(_answer(DEFAULT_DB_ALIAS, _HOW_FAR)):
                self._near_at = now
        except FAILURES as error:
            self.leave(error)

    def _has_caught_up(self, how_far: str) -> bool:
        for pause_s in _PAUSES_S:
            time.sleep(pause_s)
            if _answer(REPLICA, _HAS_REPLAYED, how_far):
                return True
        return False

    def _note(self, is_near: bool) -> bool:
        if is_near != self._is_used:
            self._is_used = is_near
            logger.info("replica_used" if is_near else "replica_not_used")
        return is_near


nearness = Nearness()


class ReplicaRouter:
    """Sends reads to the replica where reading_the_replica() says so, and never anything else."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        return reading_alias() if model._meta.app_label in _APPS else DEFAULT_DB_ALIAS  # noqa: SLF001 # Django's own way

    def db_for_write(self, model: type[Model], **_hints: Any) -> str:  # noqa: ARG002 # Django passes it
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool:  # noqa: ARG002 # they are the same rows
        return True

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:  # noqa: ARG002 # Django passes it
        return False if db == REPLICA else None


@contextmanager
def reading_the_replica() -> Iterator[None]:
    """This function will let the reads within go to the replica; the caller has asked whether it is near."""
    with _reading(is_replica=True):
        yield


@contextmanager
def reading_the_primary() -> Iterator[None]:
    """This function will keep the reads within from the replica: what they find is kept for longer than the page."""
    with _reading(is_replica=False):
        yield


def reading_connection() -> BaseDatabaseWrapper:
    """This function will give the connection for a statement that only reads and is written by hand."""
    return connections[reading_alias()]


def reading_alias() -> str:
    # Within a transaction all belongs together.
    is_elsewhere = _reads_replica.get() and not connections[DEFAULT_DB_ALIAS].in_atomic_block
    return REPLICA if is_elsewhere else DEFAULT_DB_ALIAS


@contextmanager
def _reading(*, is_replica: bool) -> Iterator[None]:
    token = _reads_replica.set(is_replica)
    try:
        yield
    finally:
        _reads_replica.reset(token)


def _answer(alias: str, query: str, *values: str) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None
