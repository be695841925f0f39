"""When the next milestone comes: the range keeps its word on made-up petitions of many kinds, or nothing is said."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.rules.forecast import HOUR, SHARE_INSIDE, Forecast, Outlook, forecast

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_KINDS = ("even", "weekdays", "fading", "wave", "bursts", "wandering", "growing")
_AHEAD_DAYS = 370


def hours_away(instant: datetime | None) -> float:
    return math.inf if instant is None else (instant - NOW) / HOUR


# --- Shape ------------------------------------------------------------------------------------------------------------
hourlies = st.builds(
    lambda level, days, noise: [max(0.0, level * (1 + noise * math.sin(n * 1.7))) for n in range(24 * days)],
    st.floats(0, 300),
    st.integers(0, 40),
    st.floats(0, 1),
)


@given(hourly=hourlies, left=st.integers(1, 2_000_000))
def test_a_range_is_in_the_future_and_holds_its_middle(hourly: list[float], left: int) -> None:
    told = forecast(hourly=hourly, left=left, now=NOW)

    if told.outlook in (Outlook.RANGE, Outlook.OPEN_ENDED):
        assert NOW < NOW + HOUR <= NOW + hours_away(told.earliest) * HOUR
        assert hours_away(told.earliest) <= hours_away(told.likely) <= hours_away(told.latest)
        assert (told.latest is None) == (told.outlook is Outlook.OPEN_ENDED)
    else:
        assert told == Forecast(outlook=told.outlook)


@given(hourly=hourlies, left=st.integers(1, 20_000), more=st.integers(1, 20_000))
def test_a_farther_milestone_never_comes_sooner(hourly: list[float], left: int, more: int) -> None:
    near, far = (forecast(hourly=hourly, left=n, now=NOW) for n in (left, left + more))

    for name in ("earliest", "likely", "latest"):
        assert hours_away(getattr(near, name)) <= hours_away(getattr(far, name))


def test_a_busier_petition_gets_there_sooner() -> None:
    slow, fast = (forecast(hourly=[n] * 24 * 14, left=500, now=NOW) for n in (2.0, 20.0))

    assert hours_away(fast.latest) < hours_away(slow.latest)


def test_the_range_widens_with_the_scatter_of_days() -> None:
    calm = [10.0] * 24 * 28
    rough = [25.0 if n // 24 % 3 == 0 else 2.5 for n in range(24 * 28)]

    calm_told, rough_told = (forecast(hourly=hourly, left=1_000, now=NOW) for hourly in (calm, rough))

    assert hours_away(rough_told.latest) / hours_away(rough_told.earliest) > 1.3 * (
        hours_away(calm_told.latest) / hours_away(calm_told.earliest)
    )


def test_an_even_pace_is_met_by_the_obvious_answer() -> None:
    told = forecast(hourly=[10.0] * 24 * 28, left=1_200, now=NOW)

    assert hours_away(told.likely) == pytest.approx(120, abs=24)
    assert hours_away(told.earliest) > 72
    assert hours_away(told.latest) < 200


def test_a_pace_that_halves_every_few_days_may_never_get_there() -> None:
    hourly = [40 * 0.5 ** (n / 24 / 4) for n in range(24 * 14)]

    assert forecast(hourly=hourly, left=2_000, now=NOW).latest is None


# --- Silence ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [0, 1, 2])
def test_nothing_is_claimed_in_the_first_three_days(days: int) -> None:
    assert forecast(hourly=[50.0] * 24 * days, left=10, now=NOW).outlook is Outlook.TOO_LITTLE_DATA


def test_nothing_is_claimed_from_a_handful_of_signatures() -> None:
    assert forecast(hourly=[0.0] * 24 * 13 + [0.25] * 24, left=10, now=NOW).outlook is Outlook.TOO_LITTLE_DATA


@pytest.mark.parametrize("last_week", [0.0, -3.0])
def test_without_a_pace_the_milestone_is_not_reached(last_week: float) -> None:
    hourly = [30.0] * 24 * 20 + [last_week] * 24 * 7

    assert forecast(hourly=hourly, left=10, now=NOW).outlook is Outlook.NOT_AT_THIS_PACE


def test_a_milestone_years_away_is_not_dated() -> None:
    assert forecast(hourly=[0.1] * 24 * 28, left=1_000_000, now=NOW).outlook is Outlook.NOT_AT_THIS_PACE


# --- Honesty ----------------------------------------------------------------------------------------------------------
def test_the_range_holds_about_as_often_as_it_claims() -> None:
    """Petitions of seven kinds, seen after five days, two weeks and six, with milestones near and far. Two seconds: a share needs cases."""
    outcomes = {kind: list(_outcomes(kind)) for kind in _KINDS}

    inside = [outcome == "inside" for kind in _KINDS for outcome in outcomes[kind]]
    assert len(inside) > 400
    assert SHARE_INSIDE - 0.05 <= sum(inside) / len(inside) <= SHARE_INSIDE + 0.1
    for kind, found in outcomes.items():
        assert found.count("inside") / len(found) >= 0.65, (kind, found)


def _outcomes(kind: str) -> Iterator[str]:
    for seen_days in (5, 14, 40):
        for number in range(24):
            rng = random.Random(f"{kind} {seen_days} {number}")  # a test must repeat itself
            hourly = _signatures(rng, kind, days=seen_days + _AHEAD_DAYS)
            seen, coming = hourly[: seen_days * 24], hourly[seen_days * 24 :]
            left = max(1, int(sum(seen[-168:]) / 7 * rng.choice([0.2, 1, 5, 20, 60])))
            told = forecast(hourly=seen, left=left, now=NOW)
            if told.outlook in (Outlook.RANGE, Outlook.OPEN_ENDED):
                yield _outcome(told, _hours_until(coming, left))


def _outcome(told: Forecast, truth: float) -> str:
    if truth < hours_away(told.earliest) - 1:
        return "sooner"
    return "later" if truth > hours_away(told.latest) else "inside"


def _hours_until(coming: list[float], left: int) -> float:
    total = 0.0
    for hour, n in enumerate(coming, start=1):
        total += n
        if total >= left:
            return hour
    return math.inf


def _signatures(rng: random.Random, kind: str, *, days: int) -> list[float]:
    level, hourly = rng.choice([8.0, 40.0, 300.0]), []
    for day in range(days):
        if kind == "wandering":
            level *= math.exp(rng.gauss(0, 0.12))
        mean = level * _SHAPES[kind](rng, day)
        hourly += [_poisson(rng, mean * (0.4 if hour < 8 else 1.3) / 24) for hour in range(24)]
    return hourly


_SHAPES: dict[str, Callable[[random.Random, int], float]] = {
    "even": lambda _rng, _day: 1.0,
    "weekdays": lambda _rng, day: (1.3, 1.2, 1.1, 1.0, 0.9, 0.7, 0.8)[day % 7],
    "fading": lambda _rng, day: math.exp(-day / 25),
    "wave": lambda _rng, day: 4 / (1 + day / 3),
    "bursts": lambda rng, _day: rng.gammavariate(2, 0.5),
    "wandering": lambda _rng, _day: 1.0,
    "growing": lambda _rng, day: math.exp(day / 60),
}


def _poisson(rng: random.Random, mean: float) -> float:
    if mean > 50:
        return max(0.0, round(rng.gauss(mean, math.sqrt(mean))))
    n, product, floor = 0, rng.random(), math.exp(-mean)
    while product > floor:
        n, product = n + 1, product * rng.random()
    return float(n)
