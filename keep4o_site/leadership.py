"""
Which of several clocks sends: the one whose session in PostgreSQL holds a lock.

PostgreSQL frees the lock as soon as that session ends, whatever ended it: a kill, a restart of the database, or a
silence. A leader that is stopped, or cut off from the database, says nothing, and PostgreSQL ends its session; when it
wakes it finds that out before it sends. All tasks look for owed work, so a moment with two leaders would do no harm,
and one without any only delays (docs/decisions/0026).
"""

import logging
import os
import socket
import time
from typing import Any

import psycopg
from django.db import connection, connections

logger = logging.getLogger("keep4o.clock")
LEADER_LOCK = 0x6B34_0002  # any number below 2 ** 31 that no other advisory lock of the site uses
# For so long a leader believes in its lock without asking: as long may two of them send, at the very worst.
PROOF_S = 1.0
# After so long a silence PostgreSQL ends a session. A leader asks every PROOF_S, the others every STANDBY_S.
SILENCE_S = 3.0
STANDBY_S = 0.5
# A leader whose broker refuses lets the others try first.
AFTER_RESIGNING_S = 1.0
_NAME_PREFIX = "keep4o clock "
_MOST_NAME_BYTES = 63  # PostgreSQL cuts an application_name there
_CONNECT_TIMEOUT_S = 2
# A session could take its own lock twice, and would then have to free it twice.
_TAKE_OR_PROVE = """
SELECT CASE WHEN EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objid = %(lock)s AND classid = 0 AND objsubid = 1 AND pid = pg_backend_pid()
) THEN true ELSE pg_try_advisory_lock(%(lock)s) END
"""
_CLOCKS = """
SELECT activity.application_name, EXISTS (
    SELECT FROM pg_locks AS lock
    WHERE lock.locktype = 'advisory' AND lock.objid = %(lock)s AND lock.classid = 0 AND lock.objsubid = 1
        AND lock.granted AND lock.pid = activity.pid
)
FROM pg_stat_activity AS activity
WHERE activity.datname = current_database() AND starts_with(activity.application_name, %(prefix)s)
ORDER BY 1
"""


class Leadership:
    """This process's part in the choice of a leader. Used by one thread."""

    def __init__(self, *, silence_s: float = SILENCE_S, proof_s: float = PROOF_S) -> None:
        self._silence_s, self._proof_s = silence_s, proof_s
        self._session: psycopg.Connection[Any] | None = None
        self._is_leader = False
        self._proved_at = self._stands_back_until = float("-inf")

    def is_held(self) -> bool:
        """This function will tell whether this process leads, by asking PostgreSQL unless it has just answered."""
        asked_at = _seconds()
        if self._is_leader and asked_at - self._proved_at < self._proof_s:
            return True
        if asked_at < self._stands_back_until:
            return False
        self._note(is_leader=self._ask())
        self._proved_at = asked_at
        # Whoever was stopped between the question and now knows nothing yet.
        return self._is_leader and _seconds() - asked_at < self._proof_s

    def resign(self) -> None:
        """This function will let another process lead, for it may reach what this one does not."""
        self.close()
        self._stands_back_until = _seconds() + AFTER_RESIGNING_S

    def close(self) -> None:
        """This function will end the session, and with it the lock: the next leader need not wait for a silence."""
        self._note(is_leader=False)
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _ask(self) -> bool:
        try:
            self._session = self._session or self._open()
            row = self._session.execute(_TAKE_OR_PROVE, {"lock": LEADER_LOCK}).fetchone()
        except psycopg.Error as error:
            if self._is_leader or self._session is None:
                logger.warning("clock_lost_database", extra={"error": type(error).__name__})
            self.close()
            return False
        return bool(row and row[0])

    def _open(self) -> psycopg.Connection[Any]:
        """This function will open a session of its own, apart from Django's: it must neither be pooled nor replaced."""
        wrapper: Any = connections["default"]
        session: psycopg.Connection[Any] = psycopg.connect(
            **{
                **wrapper.get_connection_params(),
                "autocommit": True,
                "application_name": clock_name(),
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "tcp_user_timeout": round(self._silence_s * 1000),  # else a cut cable is noticed after minutes
            }
        )
        milliseconds = str(round(self._silence_s * 1000))
        session.execute("SELECT set_config('idle_session_timeout', %s, false)", [milliseconds])
        return session

    def _note(self, *, is_leader: bool) -> None:
        if is_leader != self._is_leader:
            logger.info("clock_leads" if is_leader else "clock_leads_no_more", extra={"clock": clock_name()})
        self._is_leader = is_leader


def clock_name() -> str:
    """This function will name this process among the clocks: its machine and its number there."""
    number = f":{os.getpid()}"
    machine = socket.gethostname()[: _MOST_NAME_BYTES - len(_NAME_PREFIX) - len(number)]
    return f"{_NAME_PREFIX}{machine}{number}"


def clocks() -> dict[str, bool]:
    """This function will read which clocks run, by name, and which of them leads."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, {"lock": LEADER_LOCK, "prefix": _NAME_PREFIX})
        return {name.removeprefix(_NAME_PREFIX): leads for name, leads in cursor.fetchall()}


def _seconds() -> float:
    """Seconds that also go on while the machine sleeps, which the monotonic clock's do not."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
