"""How long a run measures, and with how much."""

from dataclasses import dataclass

CLIENTS = 16  # of the load and of pgbench alike


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long to measure, and with how much."""

    rounds: int
    seconds: float
    entries: int  # of a backlog to fold
    signatures: int  # of a petition that is exported
    sizes: tuple[int, ...]  # of the petitions whose pages are compared
    hold_s: float  # of the whole way
    step_s: float
    is_quick: bool = False


FULL = Pace(
    rounds=5,
    seconds=4,
    entries=200_000,
    signatures=1_000_000,
    sizes=(100, 1_000_000),
    hold_s=60,
    step_s=8,
)
QUICK = Pace(
    rounds=1,
    seconds=1,
    entries=20_000,
    signatures=20_000,
    sizes=(100, 20_000),
    hold_s=4,
    step_s=2,
    is_quick=True,
)
