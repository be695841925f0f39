"""What is to be reached, in words, and whether it was."""

from bench.row import Goal


def quarter_of(ratio: float) -> tuple[tuple[Goal, ...], tuple[Goal, ...]]:
    """This function will return reach and aim of what is compared with pgbench."""
    return at_least(ratio, 0.25), at_least(ratio, 0.40)


def at_least(ratio: float, share: float) -> tuple[Goal, ...]:
    return (Goal(words=f"≥ {share:.0%} of the limit", is_met=ratio >= share),)
