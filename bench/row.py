"""What a row of the table is: a piece of the site's work, the limit that is measured beside it, and what is to be reached."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.figures import Spread

if TYPE_CHECKING:
    from bench.bench import Bench


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One thing to be reached, in words, and whether it was."""

    words: str
    is_met: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured in one row."""

    work: str
    unit: str
    measured: Spread
    limit: Spread | None = None
    ratio: float | None = None
    reach: tuple[Goal, ...] = ()
    aim: tuple[Goal, ...] = ()
    details: tuple[str, ...] = ()
    cpu: dict[str, float] = field(default_factory=dict)  # cores used, by program

    @property
    def is_reached(self) -> bool:
        return all(goal.is_met for goal in self.reach)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A module of bench/rows: what it measures beside what, both in exact words, and how."""

    name: str
    title: str
    limit: str
    measure: Callable[["Bench"], list[Result]]
