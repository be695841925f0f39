"""Instants that are known only so exactly: a month, a day, a second. A month or a day belongs to no time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_SECONDS_PER_DAY = 86_400


class Precision(StrEnum):
    """How exactly a moment is known."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"

    @property
    def is_calendar(self) -> bool:
        return self in (Precision.MONTH, Precision.DAY)


_FORMATS = {
    Precision.MONTH: ("%Y-%m", "%Y-%m-%d"),
    Precision.DAY: ("%Y-%m-%d",),
    Precision.HOUR: ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%HZ"),
    Precision.MINUTE: ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"),
    Precision.SECOND: ("%Y-%m-%dT%H:%M:%SZ",),
}
_WRITTEN = {
    Precision.MONTH: "%Y-%m",
    Precision.DAY: "%Y-%m-%d",
    Precision.HOUR: "%Y-%m-%dT%H:00Z",
    Precision.MINUTE: "%Y-%m-%dT%H:%MZ",
    Precision.SECOND: "%Y-%m-%dT%H:%M:%SZ",
}
_TYPED = {
    Precision.MONTH: "%Y-%m",
    Precision.DAY: "%Y-%m-%d",
    Precision.HOUR: "%Y-%m-%d %Hh",
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.SECOND: "%Y-%m-%d %H:%M:%S",
}
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


class UnreadableMoment(ValueError):
    """The text is no date of the precision that it claims."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An aware UTC instant with the precision to which it is known."""

    at: datetime
    precision: Precision

    @property
    def written(self) -> str:
        """ISO 8601 to the known precision and no further: 2026-04, 2025-08-07, 2025-08-08T22:58:28Z."""
        return self.at.astimezone(UTC).strftime(_WRITTEN[self.precision])

    @property
    def typed(self) -> str:
        """As an editor types it, in UTC; `read_moment` reads it back."""
        return self.at.astimezone(UTC).strftime(_TYPED[self.precision])

    def local(self, tz: ZoneInfo) -> datetime:
        """What a clock in the zone showed, naive; a month or a day is the same everywhere."""
        zone = UTC if self.precision.is_calendar else tz
        return self.at.astimezone(zone).replace(tzinfo=None)

    def first_day(self, tz: ZoneInfo) -> date:
        return self.local(tz).date()

    def last_day(self, tz: ZoneInfo) -> date:
        first = self.first_day(tz)
        return last_of_month(first) if self.precision is Precision.MONTH else first

    def centre(self, tz: ZoneInfo) -> float:
        """Where it stands on an axis of days (0.0 is the start of day 1 of the calendar): in the middle of what is known."""
        if self.precision.is_calendar:
            return (self.first_day(tz).toordinal() + self.last_day(tz).toordinal() + 1) / 2
        return day_number(self.local(tz))


def parse_moment(*, text: str, precision: Precision) -> Moment:
    """
    This function will read a date written as precisely as it claims to be known.

    Raises: UnreadableMoment if the text and the precision do not fit.
    """
    for form in _FORMATS[precision]:
        try:
            at = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            return Moment(at=floor_to(at, precision), precision=precision)
    raise UnreadableMoment(f"{text!r} is no date with the precision of a {precision}")


def read_moment(text: str) -> Moment:
    """
    This function will read a date as an editor types it; how exactly it is known shows in what was typed.

    Args:   text: 2026-04, 2025-08-07, 2025-08-08 22h, 2025-08-08 22:58 or 2025-08-08 22:58:28, in UTC.
    Raises: UnreadableMoment for anything else, and outside the years 1900 to 2199.
    """
    for precision, form in _TYPED.items():
        try:
            at = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            return Moment(at=at, precision=precision)
    raise UnreadableMoment(f"{text!r} is no date")


def floor_to(at: datetime, precision: Precision) -> datetime:
    """This function will drop what lies below the precision, in UTC."""
    at = at.astimezone(UTC).replace(microsecond=0)
    if precision is Precision.SECOND:
        return at
    at = at.replace(second=0)
    if precision is Precision.MINUTE:
        return at
    at = at.replace(minute=0)
    if precision is Precision.HOUR:
        return at
    at = at.replace(hour=0)
    return at.replace(day=1) if precision is Precision.MONTH else at


def day_number(local: datetime) -> float:
    """This function will place a naive local instant on an axis of days."""
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return local.date().toordinal() + seconds / _SECONDS_PER_DAY


def last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
