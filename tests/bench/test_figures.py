import math
from collections.abc import Callable

import pytest

from bench.figures import Spread, interleaved, number, percentile


def test_work_and_limit_are_measured_in_turn_and_change_places() -> None:
    order: list[str] = []

    interleaved(work=_noting(order, "work"), limit=_noting(order, "limit"), rounds=3)

    assert order == ["work", "limit", "limit", "work", "work", "limit"]


def test_the_ratio_compares_neighbours() -> None:
    work, limit = iter([10.0, 1.0, 30.0]), iter([20.0, 2.0, 60.0])

    compared = interleaved(work=lambda: next(work), limit=lambda: next(limit), rounds=3)

    assert compared.ratio == 0.5
    assert compared.work == Spread(10.0, 1.0, 30.0)


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (99, 4.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_figures(percent: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == expected


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 99))


@pytest.mark.parametrize(("figure", "words"), [(12345.6, "12,346"), (12.34, "12.3"), (1.234, "1.23"), (math.nan, "–")])
def test_a_figure_has_three_digits_that_count(figure: float, words: str) -> None:
    assert number(figure) == words


def _noting(order: list[str], name: str) -> Callable[[], float]:
    def measure() -> float:
        order.append(name)
        return 1.0

    return measure
