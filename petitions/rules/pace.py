"""How fast a petition climbed from step to step. Plain Python; every figure comes from instants that are public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class RateUnit(StrEnum):
    """The period over which a pace reads as a number that people can picture."""

    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"


class Ranking(StrEnum):
    """How a step compares with the steps before it, as fast as it was when it was taken."""

    FIRST = "first"  # nothing to compare it with
    FASTEST = "fastest"  # of all until then
    FASTEST_SINCE = "fastest since"
    SLOWER = "slower"  # than the step before


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A threshold and the instant at which it was reached."""

    threshold: int
    reached_at: datetime


@dataclass(frozen=True, kw_only=True)
class Climb:
    """The way from one step to the next: how many signatures in how much time."""

    signatures: int
    since: datetime
    until: datetime

    @property
    def took(self) -> timedelta:
        return self.until - self.since

    @property
    def is_sudden(self) -> bool:
        """It took less than a minute: there is no sense in a rate."""
        return self.took < _MINUTE

    @property
    def per_second(self) -> float:
        return self.signatures / self.took.total_seconds() if self.took else float("inf")

    @property
    def unit(self) -> RateUnit:
        """A short climb is told by the hour or minute: by the day it would be more than there was."""
        if self.took >= 2 * _DAY:
            return RateUnit.DAY
        return RateUnit.HOUR if self.took >= 2 * _HOUR else RateUnit.MINUTE

    @property
    def rate(self) -> int | None:
        """Signatures by that unit, rounded; None where they came faster than a minute tells, or too few to round."""
        if self.is_sudden:
            return None
        period = {RateUnit.DAY: _DAY, RateUnit.HOUR: _HOUR, RateUnit.MINUTE: _MINUTE}[self.unit]
        return round(self.signatures * (period / self.took)) or None


@dataclass(frozen=True, kw_only=True)
class Rank:
    """How fast a step was among all that were reached, and since which one it was the fastest."""

    place: int  # 1 is the fastest of all steps until today
    of: int
    ranking: Ranking
    since: Reached | None  # the last step before that was faster, for FASTEST_SINCE


def climb(*, since: datetime | None, until: datetime, signatures: int) -> Climb | None:
    """
    This function will measure a way; None where it cannot be told.

    A step that was added afterwards is dated by the signatures that count today, and may so come to lie before the step
    below it; a petition may have been signed before the opening that is on record. No pace is made up for these.
    """
    if since is None or until < since or signatures < 1:
        return None
    return Climb(signatures=signatures, since=since, until=until)


def climbs(*, opened_at: datetime | None, steps: Sequence[Reached]) -> list[Climb | None]:
    """This function will measure the way to each step from the one below it, the first one from the opening."""
    befores: list[Reached | None] = [Reached(threshold=0, reached_at=opened_at) if opened_at else None, *steps]
    return [
        climb(since=before.reached_at if before else None, until=step.reached_at, signatures=_added(step, before))
        for before, step in zip(befores, steps, strict=False)
    ]


def rank(*, index: int, steps: Sequence[Reached], measured: Sequence[Climb | None]) -> Rank | None:
    """This function will compare the pace of one step with the others that have one; None where it has none itself."""
    mine = measured[index]
    if mine is None:
        return None
    known = [each for each in measured if each is not None]
    earlier = [(step, each) for step, each in zip(steps, measured, strict=True) if each is not None][
        : sum(each is not None for each in measured[:index])
    ]
    faster = [step for step, each in earlier if each.per_second > mine.per_second]
    return Rank(
        place=1 + sum(each.per_second > mine.per_second for each in known),
        of=len(known),
        ranking=_ranking(earlier=len(earlier), faster=faster, last=earlier[-1][0] if earlier else None),
        since=faster[-1] if faster else None,
    )


def _added(step: Reached, before: Reached | None) -> int:
    return step.threshold - (before.threshold if before else 0)


def _ranking(*, earlier: int, faster: Sequence[Reached], last: Reached | None) -> Ranking:
    if not earlier:
        return Ranking.FIRST
    if not faster:
        return Ranking.FASTEST
    return Ranking.SLOWER if faster[-1] == last else Ranking.FASTEST_SINCE
