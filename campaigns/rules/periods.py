"""Days added up to weeks and months, and the window of days that a reader looks at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from campaigns.rules.moments import last_of_month
from petitions.rules.cells import SMALLEST_PUBLIC_CELL, WITHHELD, public_cell, public_cells

MOST_DAYS = 3660  # ten years: what one picture can still show
_LONGEST = timedelta(days=MOST_DAYS - 1)
_SHORT = timedelta(days=30)  # what is shown where one end is chosen and nothing lies beyond it
_PADDING_SHARE = 0.015
_BUSY_SHARE = 0.1
DayCounts = Sequence[tuple[date, int]]
Cell = int | str
AND_MORE = "+"
_DRAWN: dict[Cell, int] = {public_cell(1): SMALLEST_PUBLIC_CELL // 2, WITHHELD: SMALLEST_PUBLIC_CELL}


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
    """
    One day, week or month with its public number of signatures.

    `cell` is a number, «<5», «withheld», or «812+»: what its days show, and some more on days that show nothing.
    """

    first: date
    last: date
    cell: int | str

    @property
    def is_empty(self) -> bool:
        return self.cell == 0

    @property
    def drawn(self) -> int:
        """The number to draw: it follows from the cell alone, so that the picture tells no more than the table."""
        if isinstance(self.cell, int):
            return self.cell
        return int(self.cell[:-1]) if self.cell.endswith(AND_MORE) else _DRAWN.get(self.cell, 0)


def default_window(*, counts: DayCounts, otherwise: Window, today: date) -> Window:
    """This function will frame all signatures with a little air, but none in the future; without any, the other window."""
    signed = [day for day, n in counts if n]
    if not signed:
        return otherwise
    air = timedelta(days=max(1, round((signed[-1] - signed[0]).days * _PADDING_SHARE)))
    last = max(signed[-1], min(signed[-1] + air, today))
    return Window(first=max(signed[0] - air, last - _LONGEST), last=last)


def choose_window(*, first: date | None, last: date | None, otherwise: Window) -> Window:
    """This function will complete a window of which a reader chose both ends, one or none; it is never too long."""
    if first and last:
        return Window(first=first, last=last)
    if first:
        last = otherwise.last if otherwise.last >= first else first + _SHORT
        return Window(first=first, last=min(last, first + _LONGEST))
    if last:
        first = otherwise.first if otherwise.first <= last else last - _SHORT
        return Window(first=max(first, last - _LONGEST), last=last)
    return otherwise


def fit_to_unit(*, window: Window, unit: Unit) -> Window:
    """This function will widen a window to whole weeks or months: half a week would look like a fall."""
    return Window(first=_start_of(window.first, unit), last=_end_of(_start_of(window.last, unit), unit))


def add_up(*, counts: DayCounts, window: Window, unit: Unit) -> list[Period]:
    """
    This function will give every period of a window that fits the unit, oldest first, empty ones included.

    Args: counts: all days with signatures, also outside the window. What is hidden is decided over all of them, since
          two windows laid over each other would otherwise tell what each of them hides.
    """
    cells = _public_days(counts)
    if unit is not Unit.DAY:
        cells = _public_sums(counts=counts, days=cells, unit=unit)
    return [Period(first=start, last=_end_of(start, unit), cell=cells.get(start, 0)) for start in _starts(window, unit)]


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
    """This function will find the day of a window that shows the highest number, the earlier of two; None without any."""
    shown = [(day, cell) for day, cell in _public_days(counts).items() if window.holds(day)]
    numbers = [(day, cell) for day, cell in shown if isinstance(cell, int) and cell]
    return max(numbers, key=lambda pair: pair[1], default=None)


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


def _public_days(counts: DayCounts) -> dict[date, Cell]:
    return dict(zip((day for day, _n in counts), public_cells([n for _day, n in counts]), strict=True))


def _public_sums(*, counts: DayCounts, days: Mapping[date, Cell], unit: Unit) -> dict[date, Cell]:
    """A week's number is shown unless, less the days that are shown, it would tell one that is hidden."""
    members: dict[date, list[tuple[date, int]]] = {}
    for day, n in counts:
        members.setdefault(_start_of(day, unit), []).append((day, n))
    cells = public_cells([sum(n for _day, n in part) for part in members.values()])
    return {
        start: _and_more(part, days) if isinstance(cell, int) and _tells_a_day(part, days) else cell
        for (start, part), cell in zip(members.items(), cells, strict=True)
    }


def _tells_a_day(part: DayCounts, days: Mapping[date, Cell]) -> bool:
    """Whether the sum of these days, less those that are shown, leaves one possibility for a hidden one."""
    if any(days[day] == WITHHELD for day, _n in part):
        return True
    hidden = [n for day, n in part if not isinstance(days[day], int)]
    lowest, highest = len(hidden), len(hidden) * (SMALLEST_PUBLIC_CELL - 1)
    return len(hidden) == 1 or (bool(hidden) and sum(hidden) in (lowest, highest))


def _and_more(part: DayCounts, days: Mapping[date, Cell]) -> Cell:
    return f"{sum(n for day, n in part if isinstance(days[day], int))}{AND_MORE}"


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
