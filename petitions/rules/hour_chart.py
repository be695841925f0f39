"""Bars of hours, as numbers for an SVG that a template draws. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

WIDTH, HEIGHT = 960, 230
_LEFT, _TOP, _FLOOR = 52, 12, 190
_LABEL_EVERY_H = 6


class Hour(Protocol):
    """What happened in one hour."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def attempts(self) -> int: ...
    @property
    def counted(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def removed(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Bar:
    kind: str  # attempts, counted, held, removed
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Label:
    x: float
    y: float
    instant: datetime | None = None
    value: int = 0


@dataclass(frozen=True, kw_only=True)
class HourChart:
    """Beside the attempts of each hour stand its proofs, stacked: what counts, what is held, what was removed."""

    bars: list[Bar]
    hours: list[Label]
    values: list[Label]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: int = _FLOOR


def hour_chart(hours: Sequence[Hour]) -> HourChart:
    """This function will place the bars of some hours, oldest first, and the words beside them."""
    highest = _round_up(max((max(hour.attempts, _proved(hour)) for hour in hours), default=0))
    slot = (WIDTH - _LEFT) / max(1, len(hours))
    bars = [bar for n, hour in enumerate(hours) for bar in _bars(hour, x=_LEFT + n * slot, slot=slot, highest=highest)]
    labels = [
        Label(x=round(_LEFT + (n + 0.5) * slot, 1), y=HEIGHT - 18, instant=hour.starts_at)
        for n, hour in enumerate(hours)
        if hour.starts_at.hour % _LABEL_EVERY_H == 0
    ]
    steps = [highest, highest // 2] if highest % 2 == 0 else [highest]
    values = [Label(x=_LEFT - 8, y=round(_FLOOR - _height(value, highest), 1), value=value) for value in steps]
    return HourChart(bars=bars, hours=labels, values=values)


def _bars(hour: Hour, *, x: float, slot: float, highest: int) -> list[Bar]:
    width = round(slot * 0.36, 2)
    bars = [_bar("attempts", hour.attempts, 0, x=x + slot * 0.1, width=width, highest=highest)]
    below = 0
    for kind, n in (("counted", hour.counted), ("held", hour.held), ("removed", hour.removed)):
        bars.append(_bar(kind, n, below, x=x + slot * 0.5, width=width, highest=highest))
        below += n
    return [bar for bar in bars if bar.height]


def _bar(kind: str, n: int, below: int, *, x: float, width: float, highest: int) -> Bar:
    height = _height(n, highest)
    top = round(_FLOOR - _height(below, highest) - height, 2)
    return Bar(kind=kind, x=round(x, 2), y=top, width=width, height=round(height, 2))


def _height(n: int, highest: int) -> float:
    return n / highest * (_FLOOR - _TOP)


def _proved(hour: Hour) -> int:
    return hour.counted + hour.held + hour.removed


def _round_up(n: int) -> int:
    """This function will find the next number of the shape 1, 2, 4, 6, 8 times a power of ten, 10 at least."""
    power = int("1" + "0" * (len(str(n)) - 1))
    return max(10, next((step * power for step in (1, 2, 4, 6, 8) if step * power >= n), 10 * power))
