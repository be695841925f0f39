"""The arithmetic of petitions: ladders, quarter hours and who may sign when. Plain Python."""

from collections.abc import Sequence
from datetime import datetime, timedelta

DEFAULT_LADDER = (
    100, 500, 1_000, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
)  # fmt: skip
BUCKET_WIDTH = timedelta(minutes=15)
MAILS_PER_DAY = 3


def next_milestone(*, ladder: Sequence[int], total: int) -> int | None:
    """This function will find the first threshold above the total, or None above the last."""
    return next((threshold for threshold in sorted(ladder) if threshold > total), None)


def bucket_start(instant: datetime) -> datetime:
    """This function will round an aware instant down to its quarter hour."""
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)
