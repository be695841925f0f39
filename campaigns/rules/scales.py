"""Which numbers and dates are written on an axis: round ones, few enough to be read."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from campaigns.rules.periods import Window

MOST_VALUE_STEPS = 4
SMALLEST_TOP = 5
_CHARACTER_PX = 6.6  # of 12 px sans-serif figures, on average
_LABEL_PX = {"day": 26.0, "month": 40.0, "year": 44.0}
_WEEKS_PX = {7: 36.0, 14: 70.0}  # how far apart weeks must stand, else months tell more
_PARENT_PX = {"day": 118.0, "month": 44.0, "year": 0.0}


class TickKind(StrEnum):
    """What a tick's label names: the day of a month, a month, a year."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class DateTick:
    """A labelled start of a day, month or year. `names_parent`: also write the month and year, or the year, below."""

    on: date
    kind: TickKind
    fraction: float
    names_parent: bool


def text_width(text: str) -> float:
    """This function will estimate how wide a short label is drawn, in pixels."""
    return len(text) * _CHARACTER_PX


def value_ticks(highest: int) -> list[int]:
    """
    This function will choose the round numbers of a scale from 0 to the first one not below the highest value.

    Returns: 0, step, 2 steps …: at most five numbers, whole, the last at least 5; the step is 1, 2 or 5 times a power of 10.
    """
    top = max(highest, SMALLEST_TOP)
    step = next(step for step in _round_steps() if step * MOST_VALUE_STEPS >= top)
    return [step * index for index in range(ceil(top / step) + 1)]


def date_ticks(*, window: Window, width: float) -> list[DateTick]:
    """This function will choose the finest dates whose labels fit the width without touching."""
    room = width / window.days
    for kind, step in _DATE_STEPS:
        if step.shortest_days * room >= _WEEKS_PX.get(step.days, _LABEL_PX[kind]):
            return _ticks(window, kind, step, width)
    return _ticks(window, *_DATE_STEPS[-1], width)


@dataclass(frozen=True, kw_only=True)
class _Step:
    days: int = 0
    months: int = 0

    @property
    def shortest_days(self) -> int:
        return self.days or 28 * self.months


_WEEK = 7
_DATE_STEPS = (
    *((TickKind.DAY, _Step(days=days)) for days in (1, 2, _WEEK, 2 * _WEEK)),
    *((TickKind.MONTH, _Step(months=months)) for months in (1, 2, 3, 6)),
    *((TickKind.YEAR, _Step(months=12 * years)) for years in (1, 2, 5)),
)


def _round_steps() -> list[int]:
    return [digit * 10**power for power in range(16) for digit in (1, 2, 5)]


def _ticks(window: Window, kind: TickKind, step: _Step, width: float) -> list[DateTick]:
    days = [day for day in _stepped(window, step) if window.holds(day)]
    days = [day for day in days if window.fraction(day.toordinal()) * width + _LABEL_PX[kind] <= width]
    named = _days_that_name_their_parent(days, window, kind, width)
    return [
        DateTick(on=day, kind=kind, fraction=window.fraction(day.toordinal()), names_parent=day in named)
        for day in days
    ]


def _stepped(window: Window, step: _Step) -> list[date]:
    if step.days:
        # Weeks start on Monday; other steps count from the window's start, so that the first day is always named.
        start = window.first - timedelta(days=window.first.weekday() if step.days % _WEEK == 0 else 0)
        return [start + timedelta(days=offset) for offset in range(0, window.days + step.days, step.days)]
    first_month = window.first.year * 12 + window.first.month - 1
    last_month = window.last.year * 12 + window.last.month - 1
    first_month -= first_month % step.months
    months = range(first_month, last_month + 1, step.months)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _days_that_name_their_parent(days: list[date], window: Window, kind: TickKind, width: float) -> set[date]:
    if kind is TickKind.YEAR:
        return set()
    changed = [day for at, day in enumerate(days) if at == 0 or _parent(day, kind) != _parent(days[at - 1], kind)]
    places = [window.fraction(day.toordinal()) * width for day in changed]
    # A name gives way to the next one: of «December 2025» with one day in view, nobody needs to read all.
    ends = [*places[1:], width]
    return {day for day, place, end in zip(changed, places, ends, strict=True) if place + _PARENT_PX[kind] <= end}


def _parent(day: date, kind: TickKind) -> tuple[int, int]:
    return (day.year, day.month if kind is TickKind.DAY else 0)
