"""Days added up to weeks and months, and the window of days that a reader looks at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from campaigns.rules.moments import last_of_month
from petitions.rules import public_cell

MOST_DAYS = 3660  # ten years: what one picture can still show
_PADDING_SHARE = 0.015
_BUSY_SHARE = 0.1
DayCounts = Sequence[tuple[date, int]]


class Unit(StrEnum):
    """By what signatures are added up."""

    DAY = "day"
    WEEK = "week"  # ISO 8601: from Monday
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Calendar days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def fraction(self, day_number: float) -> float:
        """Where a place on the axis of days falls: 0.0 at the window's first instant, 1.0 at its last."""
        return (day_number - self.first.toordinal()) / self.days


@dataclass(frozen=True, kw_only=True)
class Period:
    """One day, week or month with its public number of signatures."""

    first: date
    last: date
    cell: int | str

    @property
    def is_empty(self) -> bool:
        return self.cell == 0

    @property
    def drawn(self) -> int:
        """The height to draw: a hidden cell always has the same one, so that the picture tells no more than the table."""
        return self.cell if isinstance(self.cell, int) else 2


def default_window(*, counts: DayCounts, otherwise: Window) -> Window:
    """This function will frame all signatures, with a little air on both sides; without any, the other window."""
    signed = [day for day, n in counts if n]
    if not signed:
        return otherwise
    air = timedelta(days=max(1, round((signed[-1] - signed[0]).days * _PADDING_SHARE)))
    return Window(first=max(signed[0] - air, signed[-1] - timedelta(days=MOST_DAYS - 60)), last=signed[-1] + air)


def fit_to_unit(*, window: Window, unit: Unit) -> Window:
    """This function will widen a window to whole weeks or months: half a week would look like a fall."""
    return Window(first=_start_of(window.first, unit), last=_end_of(_start_of(window.last, unit), unit))


def add_up(*, counts: DayCounts, window: Window, unit: Unit) -> list[Period]:
    """This function will give every period of a window that fits the unit, oldest first, empty ones included."""
    totals: dict[date, int] = {}
    for day, n in counts:
        start = _start_of(day, unit)
        totals[start] = totals.get(start, 0) + n
    return [
        Period(first=start, last=_end_of(start, unit), cell=public_cell(totals.get(start, 0)))
        for start in _starts(window, unit)
    ]


def fold_empty_runs(periods: Sequence[Period]) -> list[Period]:
    """This function will join neighbouring periods without a signature, so that a table says «nothing» once."""
    folded: list[Period] = []
    for period in periods:
        if folded and period.is_empty and folded[-1].is_empty:
            folded[-1] = Period(first=folded[-1].first, last=period.last, cell=0)
        else:
            folded.append(period)
    return folded


def busiest_day(counts: DayCounts, window: Window) -> tuple[date, int] | None:
    """This function will find the day with the most signatures, the earlier of two; None where no cell may be named."""
    inside = [(day, n) for day, n in counts if n and window.holds(day)]
    best = max(inside, key=lambda pair: pair[1], default=None)
    return best if best and public_cell(best[1]) == best[1] else None


def busy_months(*, counts: DayCounts, most: int = 4) -> list[Window]:
    """This function will find the months that each hold a tenth of all signatures or more, oldest first."""
    totals: dict[date, int] = {}
    for day, n in counts:
        totals[day.replace(day=1)] = totals.get(day.replace(day=1), 0) + n
    enough = sum(totals.values()) * _BUSY_SHARE
    busy = sorted((start for start, n in totals.items() if n and n >= enough), key=lambda start: -totals[start])[:most]
    return [Window(first=start, last=last_of_month(start)) for start in sorted(busy)]


def shifted(window: Window, *, forward: bool) -> Window:
    """This function will give the window of the same length just before or just after."""
    step = timedelta(days=window.days if forward else -window.days)
    return Window(first=window.first + step, last=window.last + step)


def _starts(window: Window, unit: Unit) -> Iterator[date]:
    start = _start_of(window.first, unit)
    while start <= window.last:
        yield start
        start = _end_of(start, unit) + timedelta(days=1)


def _start_of(day: date, unit: Unit) -> date:
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit is Unit.MONTH else day


def _end_of(start: date, unit: Unit) -> date:
    if unit is Unit.WEEK:
        return start + timedelta(days=6)
    return last_of_month(start) if unit is Unit.MONTH else start
