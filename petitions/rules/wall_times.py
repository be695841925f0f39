"""What a clock on the wall shows, and the instants that it leaves out or shows twice. Plain Python."""

from datetime import UTC, datetime, tzinfo
from enum import StrEnum


class WallTimeProblem(StrEnum):
    """Why a time on the wall names no single instant."""

    SKIPPED = "skipped"  # the clocks go forward over it
    TWICE = "twice"  # the clocks go back over it


def wall_time_problem(*, wall: datetime, tz: tzinfo) -> WallTimeProblem | None:
    """This function will find out whether a naive time happens once in a zone (PEP 495)."""
    first, second = wall.replace(tzinfo=tz, fold=0), wall.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return None
    comes_back = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0)
    return WallTimeProblem.TWICE if comes_back == wall else WallTimeProblem.SKIPPED
