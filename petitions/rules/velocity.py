"""How fast signatures come, and how fast they ever came, read from what everybody may see. Plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from petitions.rules.public_history import HOUR, Bounds, PublicHistory

SPANS_H = (1, 24, 168)  # the last hour, day and week


@dataclass(frozen=True, kw_only=True)
class Velocity:
    """What came in the last full hours, and in as many before; `before` is None where the history does not reach so far."""

    hours: int
    since: datetime
    until: datetime
    signatures: Bounds
    before: Bounds | None

    @property
    def change_percent(self) -> int | None:
        """By how much more or less came than before; None where either is not known exactly, or there was nothing."""
        before = self.before
        if before is None or not (before.is_exact and before.least and self.signatures.is_exact):
            return None
        return round(100 * (self.signatures.least - before.least) / before.least)

    @property
    def change_size(self) -> int:
        """The same without its sign, which a page writes as its language does."""
        return abs(self.change_percent or 0)


@dataclass(frozen=True, kw_only=True)
class HourRecord:
    """The hour with the highest number that is shown; certain, if no hour whose number is hidden can have been busier."""

    starts_at: datetime
    signatures: int
    is_certain: bool


@dataclass(frozen=True, kw_only=True)
class DayRecord:
    """The day with the highest number that is shown; certain in the same sense."""

    on: date
    signatures: int
    is_certain: bool


def velocities(*, history: PublicHistory, until: datetime) -> tuple[Velocity, ...]:
    """This function will add up the last hour, day and week before `until`, a full hour; () before the first signature."""
    first = history.first_at
    if first is None:
        return ()
    return tuple(_velocity(history, hours=hours, first=first, until=until) for hours in SPANS_H)


def busiest_hour(history: PublicHistory) -> HourRecord | None:
    """This function will find the busiest hour that is shown, the earliest of equal ones; None without any."""
    highest = [(max((cell for cell in day.hours if isinstance(cell, int)), default=0), day) for day in history.days]
    most, day = max(highest, key=lambda pair: pair[0], default=(0, None))
    if day is None or most == 0:
        return None
    hidden = max(_most_of_hidden_hours(history), default=0)
    return HourRecord(
        starts_at=day.starts_at + day.hours.index(most) * HOUR, signatures=most, is_certain=hidden <= most
    )


def busiest_day(history: PublicHistory) -> DayRecord | None:
    """This function will find the busiest day that is shown, the earliest of equal ones; None without any."""
    shown = [(day.on, day.cell) for day in history.days if isinstance(day.cell, int)]
    on, most = max(shown, key=lambda day: day[1], default=(None, 0))
    if on is None or most == 0:
        return None
    hidden = (
        known.most for day, known in zip(history.days, history.day_bounds, strict=True) if isinstance(day.cell, str)
    )
    return DayRecord(on=on, signatures=most, is_certain=max(hidden, default=0) <= most)


def _velocity(history: PublicHistory, *, hours: int, first: datetime, until: datetime) -> Velocity:
    since = until - hours * HOUR
    before = since - hours * HOUR
    return Velocity(
        hours=hours,
        since=since,
        until=until,
        signatures=history.sum_between(since, until),
        before=history.sum_between(before, since) if before >= first else None,
    )


def _most_of_hidden_hours(history: PublicHistory) -> Iterator[int]:
    for at, day in enumerate(history.days):
        if any(isinstance(cell, str) for cell in day.hours):
            known = zip(day.hours, history.hour_bounds(at), strict=True)
            yield max(bounds.most for cell, bounds in known if isinstance(cell, str))
