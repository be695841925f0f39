"""Quarter hours, local days and the periods by which counts are added up. Plain Python."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

BUCKET_WIDTH = timedelta(minutes=15)
FIRST_YEAR, LAST_YEAR = 2000, 2099
# In the folder of the zones, but no zone: "unset", and whatever the server itself is set to.
_NO_ZONES = frozenset({"Factory", "localtime"})


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


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """This function will list the zones of the IANA database, read once."""
    return frozenset(available_timezones()) - _NO_ZONES


def time_zone(name: str) -> ZoneInfo | None:
    """This function will find a zone by its IANA name, or None; no other text ever reaches the file system."""
    return ZoneInfo(name) if name in zone_names() else None


def day_from_text(text: str) -> date | None:
    """This function will read a day as ISO 8601 writes it, in the years in which a petition can stand, or None."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 # a local day, not an instant
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


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
