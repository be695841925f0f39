"""When a file that could not be written is tried again. Plain Python."""

from datetime import datetime, timedelta

# After how long from the asking each attempt may begin: a storage that restarts is met again, one that is gone is told.
_BEGINS_AFTER = (timedelta(0), timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
MOST_ATTEMPTS = len(_BEGINS_AFTER)


def is_time_to_try(*, attempts: int, asked_at: datetime, now: datetime) -> bool:
    """This function will tell whether the next attempt is due after some that failed or were killed."""
    return now - asked_at >= _BEGINS_AFTER[min(attempts, MOST_ATTEMPTS - 1)]
