"""
The picture of a petition's numbers: where each thing stands, as shares of the width and pixels of the height. Plain Python.

It is drawn from public cells alone. What is hidden is a hatched mark of one and the same height, whatever stands behind it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from petitions.rules.public_history import DAY, HOUR, Cell, PublicHistory

PLOT_TOP, PLOT_HEIGHT = 36, 176
BASELINE = PLOT_TOP + PLOT_HEIGHT
PICTURE_HEIGHT = BASELINE + 42
AREA_SCALE = 1000  # units of height in the area's own coordinates
HATCH_HEIGHT = 7
# One picture for every width; only labels are laid out twice. Each layout is right from its own width on.
LAYOUT_WIDTHS = {"narrow": 230, "wide": 600}
_MOST_HOURS, _MOST_DAYS = 4 * 24, 1100
_VALUE_STEPS, _SMALLEST_TOP = 4, 5
_CHARACTER_PX, _LABEL_AIR_PX = 6.8, 10
_TICK_PX = {"hour": 48.0, "day": 52.0, "month": 52.0, "year": 52.0}


class Unit(StrEnum):
    """By what the bars add up."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # ISO 8601: from Monday


@dataclass(frozen=True, kw_only=True)
class Column:
    """One hour, day or week. `drawn` is the height of what is shown; `is_hidden`: there is more, or only, what is not."""

    starts_at: datetime
    drawn: int
    is_hidden: bool


@dataclass(frozen=True, kw_only=True)
class Hatch:
    """Neighbouring columns whose number is hidden."""

    fraction: float
    share: float


@dataclass(frozen=True, kw_only=True)
class ValueTick:
    value: int
    y: float


@dataclass(frozen=True, kw_only=True)
class TimeTick:
    """A labelled instant; `names_more`: also its day or year, on the line below."""

    at: datetime
    kind: str  # hour, day, month, year
    fraction: float
    names_more: bool


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A milestone at the instant at which it was reached."""

    threshold: int
    fraction: float


@dataclass(frozen=True, kw_only=True)
class FlagLabel:
    threshold: int
    fraction: float
    anchor: str  # start, middle, end


@dataclass(frozen=True, kw_only=True)
class Layout:
    name: str
    ticks: list[TimeTick]
    labels: list[FlagLabel]


@dataclass(frozen=True, kw_only=True)
class HistoryChart:
    unit: Unit
    since: datetime
    until: datetime
    columns: int
    area: str
    highest: int
    hatches: list[Hatch]
    values: list[ValueTick]
    flags: list[Flag]
    layouts: list[Layout]

    @property
    def last(self) -> datetime:
        """An instant of the last hour, day or week: `until` is the first one after it."""
        return self.until - HOUR

    @property
    def scale_px(self) -> float:
        """How wide the numbers of the scale are drawn, left of the picture."""
        return _text_px(self.values[-1].value)


def history_chart(*, history: PublicHistory, reached: Sequence[tuple[int, datetime]]) -> HistoryChart | None:
    """
    This function will draw a history; None before the first signature.

    Args:  reached: milestones and their instants, ascending.
    """
    if not history.days:
        return None
    unit = _unit(history)
    columns = list(_COLUMNS[unit](history))
    width = {Unit.HOUR: HOUR, Unit.DAY: DAY, Unit.WEEK: 7 * DAY}[unit]
    frame = _Frame(since=columns[0].starts_at, until=columns[-1].starts_at + width, column=width)
    highest = max(column.drawn for column in columns)
    values = value_ticks(highest)
    flags = [Flag(threshold=step, fraction=frame.fraction(at)) for step, at in reached if frame.holds(at)]
    return HistoryChart(
        unit=unit,
        since=frame.since,
        until=frame.until,
        columns=len(columns),
        area=_area(columns, top=values[-1]),
        highest=highest,
        hatches=list(_hatches(columns)),
        values=[ValueTick(value=n, y=BASELINE - PLOT_HEIGHT * n / values[-1]) for n in values],
        flags=flags,
        layouts=[_layout(name, frame, flags) for name in LAYOUT_WIDTHS],
    )


def value_ticks(highest: int) -> list[int]:
    """This function will choose at most five round numbers from 0 to the first one not below the highest value."""
    top = max(highest, _SMALLEST_TOP)
    steps = (digit * 10**power for power in range(16) for digit in (1, 2, 5))
    step = next(step for step in steps if step * _VALUE_STEPS >= top)
    return [step * n for n in range(ceil(top / step) + 1)]


@dataclass(frozen=True, kw_only=True)
class _Frame:
    since: datetime
    until: datetime
    column: timedelta

    def holds(self, instant: datetime) -> bool:
        return self.since <= instant < self.until

    def fraction(self, instant: datetime) -> float:
        return (instant - self.since) / (self.until - self.since)


def _unit(history: PublicHistory) -> Unit:
    if sum(len(day.hours) for day in history.days) <= _MOST_HOURS:
        return Unit.HOUR
    return Unit.DAY if len(history.days) <= _MOST_DAYS else Unit.WEEK


def _column(starts_at: datetime, cell: Cell) -> Column:
    shown = cell if isinstance(cell, int) else 0
    return Column(starts_at=starts_at, drawn=shown, is_hidden=not isinstance(cell, int))


def _hour_columns(history: PublicHistory) -> Iterator[Column]:
    return (_column(starts_at, cell) for starts_at, cell in history.hours())


def _day_columns(history: PublicHistory) -> Iterator[Column]:
    return (_column(day.starts_at, day.cell) for day in history.days)


def _week_columns(history: PublicHistory) -> Iterator[Column]:
    first, last = history.days[0], history.days[-1]
    start = first.starts_at - first.on.weekday() * DAY
    while start <= last.starts_at:
        known = history.sum_between(start, start + 7 * DAY)
        yield Column(starts_at=start, drawn=known.least, is_hidden=not known.is_exact)
        start += 7 * DAY


_COLUMNS = {Unit.HOUR: _hour_columns, Unit.DAY: _day_columns, Unit.WEEK: _week_columns}


def _area(columns: Sequence[Column], *, top: int) -> str:
    """Steps instead of bars side by side: no seams between them at any width, and one element instead of hundreds."""
    steps, height = [f"M0 {AREA_SCALE}"], -1.0
    for at, column in enumerate(columns, start=1):
        y = AREA_SCALE - round(AREA_SCALE * column.drawn / top, 1)
        # A run of equal heights is one step.
        if y == height:
            steps[-1] = f"H{at}"
        else:
            steps += [f"V{y:g}", f"H{at}"]
        height = y
    return "".join([*steps, f"V{AREA_SCALE}Z"])


def _hatches(columns: Sequence[Column]) -> Iterator[Hatch]:
    start: int | None = None
    for at, column in enumerate([*columns, None]):
        is_hidden = column is not None and column.is_hidden
        if is_hidden and start is None:
            start = at
        if not is_hidden and start is not None:
            yield Hatch(fraction=start / len(columns), share=(at - start) / len(columns))
            start = None


def _layout(name: str, frame: _Frame, flags: Sequence[Flag]) -> Layout:
    width = LAYOUT_WIDTHS[name]
    return Layout(name=name, ticks=_ticks(frame, width), labels=_labels(flags, width))


def _labels(flags: Sequence[Flag], width: int) -> list[FlagLabel]:
    """The highest milestones first: of two that would touch, the lower one keeps its mark and loses its label."""
    kept: list[FlagLabel] = []
    free_until = float("inf")
    for flag in sorted(flags, key=lambda flag: -flag.threshold):
        label_px, x = _text_px(flag.threshold), flag.fraction * width
        anchor = "start" if x < label_px / 2 else "end" if x > width - label_px / 2 else "middle"
        left = x - {"start": 0.0, "middle": label_px / 2, "end": label_px}[anchor]
        if left + label_px + _LABEL_AIR_PX <= free_until:
            kept.append(FlagLabel(threshold=flag.threshold, fraction=flag.fraction, anchor=anchor))
            free_until = left
    return kept[::-1]


def _text_px(number: int) -> float:
    return len(f"{number:,}") * _CHARACTER_PX


# From fine to coarse: the first that is no finer than a column and whose labels do not touch is taken.
_STEPS: tuple[tuple[str, int], ...] = (
    *(("hour", n) for n in (1, 2, 3, 6, 12)),
    *(("day", n) for n in (1, 2, 7, 14)),
    *(("month", n) for n in (1, 2, 3, 6)),
    *(("year", n) for n in (1, 2, 5)),
)
_LENGTHS = {"hour": HOUR, "day": DAY, "month": 28 * DAY, "year": 365 * DAY}


def _ticks(frame: _Frame, width: int) -> list[TimeTick]:
    px_a_second = width / (frame.until - frame.since).total_seconds()
    lengths = ((kind, n, n * _LENGTHS[kind]) for kind, n in _STEPS)
    wide = ((kind, n) for kind, n, length in lengths if length >= frame.column and _fits(kind, length, px_a_second))
    kind, n = next(wide, _STEPS[-1])
    places = [at for at in _places(frame, kind, n) if frame.fraction(at) * width + _TICK_PX[kind] / 2 <= width]
    return [
        TimeTick(at=at, kind=kind, fraction=frame.fraction(at), names_more=_parent(at, kind) != before)
        for at, before in zip(places, [None, *(_parent(at, kind) for at in places)], strict=False)
    ]


def _fits(kind: str, length: timedelta, px_a_second: float) -> bool:
    return length.total_seconds() * px_a_second >= _TICK_PX[kind]


def _places(frame: _Frame, kind: str, n: int) -> Iterator[datetime]:
    at = _first(frame.since, kind, n)
    while at < frame.until:
        if at >= frame.since:
            yield at
        at = _next(at, kind, n)


def _first(since: datetime, kind: str, n: int) -> datetime:
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == "day" and n % 7 == 0:
        return day - timedelta(days=day.weekday())
    if kind in ("hour", "day"):
        return day
    month = 1 if kind == "year" else day.month - (day.month - 1) % n
    return day.replace(day=1, month=month, year=day.year - (day.year % n if kind == "year" else 0))


def _next(at: datetime, kind: str, n: int) -> datetime:
    if kind in ("hour", "day"):
        return at + n * _LENGTHS[kind]
    months = at.year * 12 + at.month - 1 + (n if kind == "month" else 12 * n)
    return at.replace(year=months // 12, month=months % 12 + 1)


def _parent(at: datetime, kind: str) -> object:
    """What a label names on its second line: of hours the day, of days and months the year, of years nothing."""
    if kind == "hour":
        return at.date()
    return at.year if kind in ("day", "month") else None
