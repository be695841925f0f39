"""Medians and what they hide: every figure of the table comes with its lowest and its highest round."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, the lowest and the highest of them."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(statistics.median(figures), min(figures), max(figures))

    def __str__(self) -> str:
        return f"{number(self.median)} ({number(self.lowest)}–{number(self.highest)})"


@dataclass(frozen=True)
class Comparison:
    """The rounds of some work and of its limit, taken in turn."""

    work: Spread
    limit: Spread
    ratio: float


def interleaved(*, work: Callable[[], float], limit: Callable[[], float], rounds: int) -> Comparison:
    """
    This function will measure both in turn, so that whatever else the machine does meets both of them.

    The ratio is the median of the rounds' ratios: each compares two neighbours in time.
    """
    pairs = [(work(), limit()) if turn % 2 == 0 else _reversed(work, limit) for turn in range(rounds)]
    ratios = [done / most for done, most in pairs]
    return Comparison(
        work=Spread.of([done for done, _ in pairs]),
        limit=Spread.of([most for _, most in pairs]),
        ratio=statistics.median(ratios),
    )


def percentile(figures: Sequence[float], percent: float) -> float:
    """This function will return the smallest figure that `percent` of them do not exceed, NaN of none."""
    if not figures:
        return math.nan
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def number(figure: float) -> str:
    """This function will write a figure with three digits that count, thousands parted."""
    if math.isnan(figure):
        return "–"
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.2f}"


def _reversed(work: Callable[[], float], limit: Callable[[], float]) -> tuple[float, float]:
    most = limit()
    return work(), most
