"""The ladder of milestones, and the states that a petition passes through. Plain Python."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

DEFAULT_LADDER = (
    100, 500, 1_000, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
)  # fmt: skip
LADDER_MAX_STEPS = 40
LADDER_MAX_THRESHOLD = 2_000_000_000  # what the column holds, and a quarter of mankind
# From which states a petition may come into each; closing is for good.
STATES_BEFORE: dict[str, frozenset[str]] = {
    "draft": frozenset({"scheduled"}),
    "scheduled": frozenset({"draft", "scheduled"}),
    "open": frozenset({"draft", "scheduled", "paused"}),
    "paused": frozenset({"open"}),
    "closed": frozenset({"open", "paused"}),
}


def next_milestone(*, ladder: Sequence[int], total: int) -> int | None:
    """This function will find the first threshold above the total, or None above the last."""
    return next((threshold for threshold in sorted(ladder) if threshold > total), None)


@dataclass(frozen=True, kw_only=True)
class LadderEffect:
    """What another ladder would do, step by step, each list ascending."""

    passed: tuple[int, ...]  # new, and the count is there already: recorded at their true instant, without a message
    returned: tuple[int, ...]  # reached long ago and taken out since: on the ladder again, nothing else
    ahead: tuple[int, ...]  # new, to be reached
    kept: tuple[int, ...]  # taken out although reached: their record stays
    dropped: tuple[int, ...]  # taken out before they were reached: gone

    @property
    def is_nothing(self) -> bool:
        return not (self.passed or self.returned or self.ahead or self.kept or self.dropped)


def ladder_effect(
    *, before: Collection[int], after: Collection[int], reached: Collection[int], total: int
) -> LadderEffect:
    """This function will say what replacing a ladder does while the count stands at `total`."""
    added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    return LadderEffect(
        passed=tuple(step for step in added if step not in reached and step <= total),
        returned=tuple(step for step in added if step in reached),
        ahead=tuple(step for step in added if step not in reached and step > total),
        kept=tuple(step for step in removed if step in reached),
        dropped=tuple(step for step in removed if step not in reached),
    )
