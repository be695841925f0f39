"""
What open data may say of each hour and day of UTC, and the bounds that follow from it. Plain Python.

Whatever else is published of a history (velocity, records, forecast, picture, tables, files) is computed from a
`PublicHistory` and never from the figures behind it. So no combination of them can tell more than its cells do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from petitions.rules.cells import SMALLEST_PUBLIC_CELL, WITHHELD, public_cell, public_cells

Cell = int | str
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS_A_DAY = 24
SMALL: Cell = public_cell(1)
_MIDDLE_OF_SMALL = SMALLEST_PUBLIC_CELL / 2


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many signatures at least and at most: all that can be known of a number that is not shown."""

    least: int
    most: int

    @property
    def is_exact(self) -> bool:
        return self.least == self.most

    def __add__(self, other: "Bounds") -> "Bounds":
        return Bounds(least=self.least + other.least, most=self.most + other.most)


NOTHING = Bounds(least=0, most=0)


@dataclass(frozen=True, kw_only=True)
class PublicDay:
    """One day of UTC, its number and those of its hours, as everybody may see them; the last day ends with its last hour."""

    on: date
    cell: Cell
    hours: tuple[Cell, ...]

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.on, time.min, tzinfo=UTC)

    @property
    def tells_hours(self) -> bool:
        return any(cell != WITHHELD for cell in self.hours)


@dataclass(frozen=True, kw_only=True)
class PublicHistory:
    """Every day from the first counted signature on, without a gap. `total` is the published count, which is exact."""

    total: int
    days: tuple[PublicDay, ...]

    @property
    def first_at(self) -> datetime | None:
        return self.days[0].starts_at if self.days else None

    @property
    def until(self) -> datetime | None:
        """The end of the last hour."""
        return self.days[-1].starts_at + len(self.days[-1].hours) * HOUR if self.days else None

    @property
    def hides_something(self) -> bool:
        return any(isinstance(cell, str) for _hour, cell in self.hours())

    def hours(self) -> Iterator[tuple[datetime, Cell]]:
        for day in self.days:
            for n, cell in enumerate(day.hours):
                yield day.starts_at + n * HOUR, cell

    def hour(self, starts_at: datetime) -> Cell:
        """This function will give the cell of an hour; 0 outside."""
        day = self.day(starts_at.date())
        return day.hours[starts_at.hour] if day and starts_at.hour < len(day.hours) else 0

    def day(self, on: date) -> PublicDay | None:
        at = (on - self.days[0].on).days if self.days else -1
        return self.days[at] if 0 <= at < len(self.days) else None

    @cached_property
    def day_bounds(self) -> tuple[Bounds, ...]:
        return resolved([day.cell for day in self.days], total=self.total)

    def hour_bounds(self, at: int) -> tuple[Bounds, ...]:
        """This function will tell what can be known of each hour of the day number `at`."""
        day, known = self.days[at], self.day_bounds[at]
        if isinstance(day.cell, int) and day.tells_hours:
            return resolved(day.hours, total=day.cell)
        return tuple(Bounds(least=0, most=known.most) for _hour in day.hours)

    def sum_between(self, since: datetime, until: datetime) -> Bounds:
        """This function will add up the hours from `since` to `until`, both full hours, as exactly as the cells allow."""
        if not self.days:
            return NOTHING
        start = self.days[0].starts_at
        first, last = max(0, int((since - start) / HOUR)), int((until - start) / HOUR)
        days = range(first // HOURS_A_DAY, min(len(self.days), -(-last // HOURS_A_DAY)))
        return _sum([self._part_of_day(at, first - at * HOURS_A_DAY, last - at * HOURS_A_DAY) for at in days])

    @cached_property
    def estimates(self) -> tuple[tuple[float, ...], ...]:
        """The hours of each day as numbers to reckon with: what is hidden is spread evenly over where it can be."""
        rest = self.total - sum(cell for cell in self._day_cells if isinstance(cell, int))
        withheld = sum(cell == WITHHELD for cell in self._day_cells)
        rest_of_each = (rest - _MIDDLE_OF_SMALL * self._day_cells.count(SMALL)) / max(1, withheld)
        guesses = {SMALL: _MIDDLE_OF_SMALL, WITHHELD: max(float(SMALLEST_PUBLIC_CELL), rest_of_each)}
        return tuple(_spread(day, guesses) for day in self.days)

    @cached_property
    def _day_cells(self) -> list[Cell]:
        return [day.cell for day in self.days]

    def _part_of_day(self, at: int, first: int, last: int) -> Bounds:
        """The hours first … last - 1 of a day: their own bounds, and what the others leave of the day's."""
        whole, hours, first = self.day_bounds[at], self.hour_bounds(at), max(0, first)
        if first == 0 and last >= len(hours):
            return whole
        inside, outside = _sum(hours[first:last]), _sum((*hours[:first], *hours[last:]))
        return Bounds(
            least=max(inside.least, whole.least - outside.most), most=min(inside.most, whole.most - outside.least)
        )


def public_history(*, hours: Mapping[datetime, int], until: datetime) -> PublicHistory:
    """
    This function will lay out counted signatures for everybody, small numbers hidden.

    Days are hidden as in every public table. A day tells its hours only where it tells its own number: the hours of a
    hidden day would add up to it.
    Args:  hours: counted signatures by full hour of UTC, without those that have none.  until: the last hour is the one
           that holds this instant, or the one of the last signature, if that is later.
    """
    counted = sorted(starts_at for starts_at, n in hours.items() if n)
    if not counted:
        return PublicHistory(total=0, days=())
    first = counted[0].replace(hour=0)
    last = max(until.replace(minute=0, second=0, microsecond=0), counted[-1])
    days = [
        [hours.get(first + n * DAY + hour * HOUR, 0) for hour in range(HOURS_A_DAY)]
        for n in range((last.date() - first.date()).days + 1)
    ]
    days[-1] = days[-1][: last.hour + 1]
    cells = public_cells([sum(day) for day in days])
    return PublicHistory(
        total=sum(map(sum, days)),
        days=tuple(
            PublicDay(on=(first + n * DAY).date(), cell=cell, hours=_public_hours(day, cell=cell))
            for n, (day, cell) in enumerate(zip(days, cells, strict=True))
        ),
    )


def resolved(cells: Sequence[Cell], *, total: int) -> tuple[Bounds, ...]:
    """This function will find what each cell can be, given the sum of all: what any reader of a table can find too."""
    shown = [cell for cell in cells if isinstance(cell, int)]
    rest = total - sum(shown)
    # The smallest of the larger cells are withheld: none of them is above one that is shown.
    highest = min((rest, *(n for n in shown if n >= SMALLEST_PUBLIC_CELL)))
    ranges = {cell: _range_of(cell, highest=highest) for cell in set(cells) if isinstance(cell, str)}
    hidden = _sum([ranges[cell] for cell in cells if isinstance(cell, str)])
    known = {cell: _left_to(own, rest=rest, hidden=hidden) for cell, own in ranges.items()}
    return tuple(Bounds(least=cell, most=cell) if isinstance(cell, int) else known[cell] for cell in cells)


def _range_of(cell: str, *, highest: int) -> Bounds:
    """A hidden cell by itself: «<8» is 1 to 7, and what is withheld is no small one."""
    if cell == WITHHELD:
        return Bounds(least=SMALLEST_PUBLIC_CELL, most=max(SMALLEST_PUBLIC_CELL, highest))
    return Bounds(least=1, most=int(cell.removeprefix("<")) - 1)


def _left_to(own: Bounds, *, rest: int, hidden: Bounds) -> Bounds:
    """What the other hidden cells leave to one of them: `rest` less their most, and less their least."""
    return Bounds(
        least=max(own.least, rest - (hidden.most - own.most)), most=min(own.most, rest - (hidden.least - own.least))
    )


def _public_hours(hours: Sequence[int], *, cell: Cell) -> tuple[Cell, ...]:
    """
    The hours of a day whose number is `cell`. Where some are small, all up to the next larger one read alike: «<8», say.

    So whatever the day's number tells of them all, it tells of none: a small one and a larger one could change places,
    and the table would read the same, for whoever knows this rule too. With a single larger hour, none is told at all.
    """
    larger = sorted(n for n in hours if n >= SMALLEST_PUBLIC_CELL)
    if isinstance(cell, int) and not any(0 < n < SMALLEST_PUBLIC_CELL for n in hours):
        return tuple(hours)
    if not isinstance(cell, int) or len(larger) < 2:
        return (WITHHELD,) * len(hours)
    highest_hidden = larger[0]
    return tuple(f"<{highest_hidden + 1}" if 0 < n <= highest_hidden else n for n in hours)


def _spread(day: PublicDay, guesses: Mapping[Cell, float]) -> tuple[float, ...]:
    number = day.cell if isinstance(day.cell, int) else guesses[day.cell]
    shown = sum(cell for cell in day.hours if isinstance(cell, int))
    hidden = sum(isinstance(cell, str) for cell in day.hours)
    return tuple(float(cell) if isinstance(cell, int) else (number - shown) / hidden for cell in day.hours)


def _sum(parts: Iterable[Bounds]) -> Bounds:
    return sum(parts, start=NOTHING)
