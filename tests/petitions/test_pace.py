"""How a pace is measured, ranked and rounded."""

from datetime import datetime, timedelta

import pytest

from petitions.rules.pace import Climb, Ranking, RateUnit, Reached, climb, climbs, rank
from tests.factories import NOW


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


def steps_at(*hours: float) -> list[Reached]:
    return [Reached(threshold=100 * k, reached_at=after(hours=hour)) for k, hour in enumerate(hours, start=1)]


def ranks(*hours: float) -> list[tuple[int, Ranking, int | None]]:
    steps = steps_at(*hours)
    measured = climbs(opened_at=NOW, steps=steps)
    found = [rank(index=index, steps=steps, measured=measured) for index in range(len(steps))]
    return [(each.place, each.ranking, each.since and each.since.threshold) for each in found if each]


@pytest.mark.parametrize(
    ("signatures", "took", "unit", "rate"),
    [
        (1_000, timedelta(days=10), RateUnit.DAY, 100),
        (100, timedelta(hours=20), RateUnit.HOUR, 5),
        (100, timedelta(minutes=50), RateUnit.MINUTE, 2),
        (1, timedelta(days=10), RateUnit.DAY, None),
        (500, timedelta(seconds=59), RateUnit.MINUTE, None),
        (1, timedelta(0), RateUnit.MINUTE, None),
        (2_000_000_000, timedelta(minutes=1), RateUnit.MINUTE, 2_000_000_000),
    ],
)
def test_a_pace_is_told_in_a_unit_that_it_lasted(
    signatures: int, took: timedelta, unit: RateUnit, rate: int | None
) -> None:
    way = Climb(signatures=signatures, since=NOW, until=NOW + took)

    assert (way.unit, way.rate) == (unit, rate)


def test_each_way_starts_at_the_step_below_and_the_first_at_the_opening() -> None:
    measured = climbs(opened_at=NOW, steps=steps_at(1, 3))

    assert [(way.signatures, way.took) for way in measured if way] == [
        (100, timedelta(hours=1)),
        (100, timedelta(hours=2)),
    ]


def test_no_pace_is_made_up_where_instants_do_not_tell_one() -> None:
    assert climb(since=None, until=NOW, signatures=5) is None
    assert climb(since=after(hours=1), until=NOW, signatures=5) is None
    assert climb(since=NOW, until=after(hours=1), signatures=0) is None
    assert climbs(opened_at=after(hours=2), steps=steps_at(1, 3))[0] is None


def test_a_step_is_compared_with_those_before_and_ranked_among_all() -> None:
    assert ranks(4, 5, 8, 9.5) == [
        (4, Ranking.FIRST, None),
        (1, Ranking.FASTEST, None),
        (3, Ranking.SLOWER, 200),
        (2, Ranking.FASTEST_SINCE, 200),
    ]


def test_steps_of_one_instant_are_faster_than_any_and_alike() -> None:
    assert ranks(1, 1, 1) == [(3, Ranking.FIRST, None), (1, Ranking.FASTEST, None), (1, Ranking.FASTEST, None)]


def test_a_step_without_a_pace_has_no_rank_and_is_in_nobodys_way() -> None:
    steps = steps_at(5, 1, 2)
    measured = climbs(opened_at=NOW, steps=steps)

    assert rank(index=1, steps=steps, measured=measured) is None
    last = rank(index=2, steps=steps, measured=measured)
    assert last is not None
    assert (last.place, last.of, last.ranking) == (1, 2, Ranking.FASTEST)
