"""The arithmetic of petitions: ladders, quarter hours and who may sign when. Plain Python."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DEFAULT_LADDER = (
    100, 500, 1_000, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
)  # fmt: skip
BUCKET_WIDTH = timedelta(minutes=15)
MAILS_PER_DAY = 3
SMALLEST_PUBLIC_CELL = 5


def next_milestone(*, ladder: Sequence[int], total: int) -> int | None:
    """This function will find the first threshold above the total, or None above the last."""
    return next((threshold for threshold in sorted(ladder) if threshold > total), None)


def public_cell(n: int) -> int | str:
    """This function will hide how few people stand behind a cell of a public table: 1 to 4 read as «<5»."""
    return f"<{SMALLEST_PUBLIC_CELL}" if 0 < n < SMALLEST_PUBLIC_CELL else n


def bucket_start(instant: datetime) -> datetime:
    """This function will round an aware instant down to its quarter hour."""
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)


class Grouping(StrEnum):
    """By what an export of counts adds up."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # ISO 8601: from Monday
    MONTH = "month"
    COUNTRY = "country"
    CHANNEL = "channel"

    @property
    def is_period(self) -> bool:
        return self not in (Grouping.COUNTRY, Grouping.CHANNEL)


def period_boundaries(*, by: Grouping, tz: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """
    This function will list the instants at which local periods start, in UTC, oldest first.

    Returns: the start of the period that holds `first`, every later one, and the end of the period that holds `last`:
             one instant more than there are periods. A day of 23, 24 or 25 hours is one day.
    """
    starts = _hour_starts(tz=tz, first=first) if by is Grouping.HOUR else _date_starts(by=by, tz=tz, first=first)
    boundaries = []
    for start in starts:
        boundaries.append(start)
        if start > last:
            return boundaries
    return boundaries


def period_label(*, by: Grouping, tz: ZoneInfo, start: datetime) -> str:
    """This function will name a local period as ISO 8601 does: 2026-02-13T14:00+01:00, 2026-02-13, 2026-W07, 2026-02."""
    local = start.astimezone(tz)
    if by is Grouping.HOUR:
        return local.isoformat(timespec="minutes")
    if by is Grouping.WEEK:
        year, week, _weekday = local.isocalendar()
        return f"{year}-W{week:02}"
    return local.strftime("%Y-%m" if by is Grouping.MONTH else "%Y-%m-%d")


def local_midnight(*, day: date, tz: ZoneInfo) -> datetime:
    """This function will find the instant, in UTC, at which a local day begins, also where midnight is skipped."""
    return datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)


def _date_starts(*, by: Grouping, tz: ZoneInfo, first: datetime) -> Iterator[datetime]:
    day = first.astimezone(tz).date()
    if by is Grouping.WEEK:
        day -= timedelta(days=day.weekday())
    if by is Grouping.MONTH:
        day = day.replace(day=1)
    while True:
        yield local_midnight(day=day, tz=tz)
        day = _next_month(day) if by is Grouping.MONTH else day + timedelta(days=7 if by is Grouping.WEEK else 1)


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)


def _hour_starts(*, tz: ZoneInfo, first: datetime) -> Iterator[datetime]:
    # Walks in UTC and looks at the local minute each time, since Lord Howe moves its clocks by half an hour.
    start = first.astimezone(UTC).replace(second=0, microsecond=0)
    start -= timedelta(minutes=start.astimezone(tz).minute)
    while True:
        yield start
        start += timedelta(minutes=60 - start.astimezone(tz).minute)
