"""Bars of a week's hours of mail, as numbers for an SVG that a template draws. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

WIDTH, HEIGHT = 960, 210
_LEFT, _TOP, _FLOOR = 64, 14, 180


class MailHour(Protocol):
    """What left and what was lost of the mail of one hour."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def owed(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def waiting(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Bar:
    kind: str  # went, waiting, lost
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Day:
    x: float
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class MailChart:
    """One bar an hour, stacked: what went its way, what waits, what was lost. `highest` is the top of the scale."""

    bars: list[Bar]
    days: list[Day]
    highest: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    top: int = _TOP
    floor: int = _FLOOR


def mail_chart(hours: Sequence[MailHour]) -> MailChart:
    """This function will place the bars of some hours, oldest first, and mark where each day begins."""
    highest = max((hour.owed for hour in hours), default=0)
    slot = (WIDTH - _LEFT) / max(1, len(hours))
    places = [(_LEFT + n * slot, hour) for n, hour in enumerate(hours)]
    return MailChart(
        bars=[bar for x, hour in places for bar in _bars(hour, x=x, width=slot * 0.8, highest=highest)],
        days=[Day(x=round(x, 1), starts_at=hour.starts_at) for x, hour in places if hour.starts_at.hour == 0],
        highest=highest,
    )


def _bars(hour: MailHour, *, x: float, width: float, highest: int) -> list[Bar]:
    # A message can come back and be complained of: what is left over went its way.
    went = max(0, hour.owed - hour.lost - hour.waiting)
    bars, below = [], 0.0
    for kind, number in (("went", went), ("waiting", hour.waiting), ("lost", hour.lost)):
        height = number / highest * (_FLOOR - _TOP) if highest else 0.0
        if number:
            top = round(_FLOOR - below - height, 2)
            bars.append(Bar(kind=kind, x=round(x, 2), y=top, width=round(width, 2), height=round(height, 2)))
        below += height
    return bars
