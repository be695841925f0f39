"""The ladder of milestones, and the states that a petition passes through. Plain Python."""

from collections.abc import Sequence

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
