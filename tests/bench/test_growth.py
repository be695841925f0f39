"""Pages of few and many signatures are compared turn by turn, since the machine swings between them."""

import pytest

from bench.row import Result
from bench.rows.growth import _compared

SWINGS = [100.0, 50.0, 200.0, 80.0, 150.0]  # of one and the same page


def compared(share: float) -> Result:
    """A page that has this share of the rate of the smallest one, in each turn."""
    return _compared({100: SWINGS, 1_000_000: [rate * share for rate in SWINGS]}, work="page", cpu={})


@pytest.mark.parametrize(("share", "is_met"), [(1.0, True), (0.91, True), (0.89, False)])
def test_a_page_may_be_a_tenth_slower(share: float, is_met: bool) -> None:
    result = compared(share)

    assert result.ratio == pytest.approx(share)
    assert [goal.is_met for goal in result.reach] == [is_met]


def test_a_turn_is_compared_with_its_neighbour_and_not_with_the_median() -> None:
    rates = {100: [100.0, 50.0, 50.0], 1_000: [80.0, 80.0, 40.0]}  # medians: 50 and 80

    assert _compared(rates, work="page", cpu={}).ratio == pytest.approx(0.8)


def test_no_size_may_be_slower() -> None:
    assert not _compared({100: [100.0], 1_000: [80.0], 10_000: [100.0]}, work="page", cpu={}).reach[0].is_met
