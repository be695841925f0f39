"""Work that one process at a time may do, whatever the number of workers: a lock of the database session, not of a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def sole_holder(*locks: int) -> Iterator[bool]:
    """This function will tell whether one of the locks could be had; it is held until the end, and ends with a killed process."""
    with connection.cursor() as cursor:
        held = next((lock for lock in locks if _asked(cursor, "SELECT pg_try_advisory_lock(%s)", lock)), None)
    try:
        yield held is not None
    finally:
        if held is not None:
            with connection.cursor() as cursor:
                _asked(cursor, "SELECT pg_advisory_unlock(%s)", held)


def _asked(cursor: Any, question: str, lock: int) -> bool:
    cursor.execute(question, [lock])
    return bool(cursor.fetchone()[0])
