"""What open data may say of hours and days: nothing from which a small number follows, whoever reckons with all of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.rules.cells import WITHHELD, public_cells
from petitions.rules.public_history import DAY, HOUR, Bounds, Cell, PublicHistory, public_history

START = datetime(2026, 2, 13, tzinfo=UTC)


def history_of(*days: Sequence[int]) -> PublicHistory:
    """Days given by their first hours; the last one ends with its last number."""
    hours = {START + at * DAY + hour * HOUR: n for at, day in enumerate(days) for hour, n in enumerate(day)}
    return public_history(hours=hours, until=START + (len(days) - 1) * DAY + (len(days[-1]) - 1) * HOUR)


def hours_of(history: PublicHistory, at: int = 0) -> tuple[Cell, ...]:
    return history.days[at].hours


some_days = st.lists(
    st.lists(st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 400)), min_size=24, max_size=24),
    min_size=1,
    max_size=12,
)


# --- What is shown ----------------------------------------------------------------------------------------------------
def test_before_the_first_signature_there_is_no_history() -> None:
    history = public_history(hours={}, until=START)

    assert (history.total, history.days, history.first_at, list(history.hours())) == (0, (), None, [])


def test_hours_without_a_small_one_are_shown_as_they_are() -> None:
    history = history_of([0] * 20 + [12, 0, 7, 5])

    assert (history.days[0].cell, hours_of(history)[20:]) == (24, (12, 0, 7, 5))
    assert not history.hides_something


def test_a_small_hour_is_hidden_together_with_all_up_to_the_next_larger_one() -> None:
    assert hours_of(history_of([30, 3, 40, 0, 21, 21])) == (30, "<22", 40, 0, "<22", "<22")


def test_a_day_of_one_larger_hour_tells_none_of_its_hours() -> None:
    assert set(hours_of(history_of([30, 3, 0, 2]))) == {WITHHELD}


def test_a_hidden_day_tells_none_of_its_hours() -> None:
    history = history_of([2] + [0] * 23, [9] + [0] * 23, [60] * 24)

    assert [day.cell for day in history.days] == ["<5", WITHHELD, 1440]
    assert set(hours_of(history, 0)) == set(hours_of(history, 1)) == {WITHHELD}
    assert set(hours_of(history, 2)) == {60}


def test_history_begins_with_the_first_signatures_day_and_ends_with_the_current_hour() -> None:
    history = public_history(hours={START + 17 * HOUR: 9}, until=START + DAY + 2 * HOUR)

    assert [starts_at for starts_at, _cell in history.hours()][:: len(list(history.hours())) - 1] == [
        START,
        START + DAY + 2 * HOUR,
    ]
    assert history.until == START + DAY + 3 * HOUR


def test_a_signature_later_than_the_clock_is_not_left_out() -> None:
    history = public_history(hours={START: 9, START + 5 * HOUR: 8}, until=START + 2 * HOUR)

    assert sum(cell for _hour, cell in history.hours() if isinstance(cell, int)) == 17


@given(days=some_days)
def test_what_is_shown_is_true_and_the_days_read_as_the_other_tables_say(days: list[list[int]]) -> None:
    history = history_of(*days)

    if not history.days:
        return
    numbers = {START + at * DAY + hour * HOUR: n for at, day in enumerate(days) for hour, n in enumerate(day)}
    assert all(cell == numbers[starts_at] for starts_at, cell in history.hours() if isinstance(cell, int))
    first = (history.days[0].starts_at - START) // DAY
    assert [day.cell for day in history.days] == public_cells([sum(day) for day in days])[first:]
    assert history.total == sum(map(sum, days))


@given(days=some_days)
def test_no_small_hour_is_shown_and_no_hour_of_a_hidden_day(days: list[list[int]]) -> None:
    history = history_of(*days)

    for day in history.days:
        assert not any(isinstance(cell, int) and 0 < cell < 5 for cell in day.hours)
        assert isinstance(day.cell, int) or set(day.hours) == {WITHHELD}


# --- What follows from it ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("hours", "highest_sum"), [(1, 12), (2, 30), (3, 22), (4, 15)])
def test_no_small_hour_follows_from_a_day_for_whoever_knows_the_rule(hours: int, highest_sum: int) -> None:
    """Every possible day of so few hours: whatever is shown of it, each hidden small hour could have been another number."""
    possible = defaultdict(list)
    for day in product(range(highest_sum + 1), repeat=hours):
        if 5 <= sum(day) <= highest_sum:
            # A second, busy day lets the first one show its own number.
            shown = public_history(
                hours={**{START + at * HOUR: n for at, n in enumerate(day)}, START - DAY: 500},
                until=START + (hours - 1) * HOUR,
            ).days[-1]
            possible[shown.cell, shown.hours].append(day)

    told = [
        (shown, day)
        for shown, days in possible.items()
        for at, cell in enumerate(shown[1])
        for day in days
        if isinstance(cell, str) and 0 < day[at] < 5 and len({other[at] for other in days}) == 1
    ]
    assert told == []


@given(days=some_days)
def test_bounds_hold_the_truth_and_tell_no_hidden_hour(days: list[list[int]]) -> None:
    history = history_of(*days)

    first = (history.days[0].starts_at - START) // DAY if history.days else 0
    for at, day in enumerate(history.days):
        truth = days[first + at][: len(day.hours)]
        bounds = history.hour_bounds(at)
        assert history.day_bounds[at].least <= sum(truth) <= history.day_bounds[at].most
        for n, cell, known in zip(truth, day.hours, bounds, strict=True):
            assert known.least <= n <= known.most
            if isinstance(day.cell, int) and isinstance(cell, str) and 0 < n < 5:
                assert not known.is_exact


@given(days=some_days, first=st.integers(0, 200), length=st.integers(1, 200))
def test_sums_of_hours_hold_the_truth(days: list[list[int]], first: int, length: int) -> None:
    history = history_of(*days)
    since, until = START + first * HOUR, START + (first + length) * HOUR
    hourly = [n for day in days for n in day]

    known = history.sum_between(since, until)

    assert known.least <= sum(hourly[first : first + length]) <= known.most


@given(days=some_days)
def test_estimates_add_up_to_the_total_where_every_day_is_shown(days: list[list[int]]) -> None:
    history = history_of(*days)

    if all(isinstance(day.cell, int) for day in history.days):
        assert sum(map(sum, history.estimates)) == pytest.approx(history.total)
    assert all(n >= 0 for day in history.estimates for n in day)


def test_a_sum_over_shown_hours_is_exact() -> None:
    assert history_of([9] * 24, [8] * 24).sum_between(START + 12 * HOUR, START + 30 * HOUR) == Bounds(
        least=156, most=156
    )
