"""Days, weeks and months add up, and tell nothing that they hide."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.periods import (
    MOST_DAYS,
    Period,
    Unit,
    Window,
    add_up,
    busiest_day,
    busy_months,
    choose_window,
    default_window,
    fit_to_unit,
    fold_empty_runs,
)

START = date(2025, 8, 4)  # a Monday
TODAY = date(2026, 11, 22)
numbers = st.lists(st.integers(0, 60), min_size=1, max_size=80)


def series(ns: list[int]) -> list[tuple[date, int]]:
    return [(START + timedelta(days=index), n) for index, n in enumerate(ns)]


def whole(ns: list[int], unit: Unit = Unit.DAY) -> Window:
    return fit_to_unit(window=Window(first=START, last=START + timedelta(days=len(ns) - 1)), unit=unit)


@given(ns=numbers, unit=st.sampled_from(Unit))
def test_every_day_lies_in_exactly_one_period(ns: list[int], unit: Unit) -> None:
    window = whole(ns, unit)

    periods = add_up(counts=series(ns), window=window, unit=unit)

    assert (periods[0].first, periods[-1].last) == (window.first, window.last)
    assert all(later.first - earlier.last == timedelta(days=1) for earlier, later in itertools.pairwise(periods))


@given(ns=numbers, unit=st.sampled_from(Unit))
def test_no_cell_shows_one_to_four_and_none_shows_too_much(ns: list[int], unit: Unit) -> None:
    periods = add_up(counts=series(ns), window=whole(ns, unit), unit=unit)

    for period in periods:
        true = sum(n for day, n in series(ns) if period.first <= day <= period.last)
        if isinstance(period.cell, int):
            assert period.cell == true
            assert period.cell not in range(1, 5)
        elif period.cell == "<5":
            assert 0 < true < 5
        elif period.cell.endswith("+"):
            assert int(period.cell[:-1]) < true
        else:
            assert true >= 5


@given(ns=numbers, unit=st.sampled_from([Unit.WEEK, Unit.MONTH]))
def test_a_sum_less_its_shown_days_never_tells_a_hidden_day(ns: list[int], unit: Unit) -> None:
    days = {period.first: period for period in add_up(counts=series(ns), window=whole(ns), unit=Unit.DAY)}

    for period in add_up(counts=series(ns), window=whole(ns, unit), unit=unit):
        inside = [(day, n) for day, n in series(ns) if period.first <= day <= period.last]
        hidden = [n for day, n in inside if days[day].cell == "<5"]
        if isinstance(period.cell, int) and hidden:
            assert len(hidden) < sum(hidden) < 4 * len(hidden)
        assert not isinstance(period.cell, int) or all(days[day].cell != "withheld" for day, _n in inside)


def test_what_is_hidden_does_not_depend_on_the_window() -> None:
    ns = [20, 3, 9, 30, 40]
    all_days = add_up(counts=series(ns), window=whole(ns), unit=Unit.DAY)

    part = add_up(counts=series(ns), window=Window(first=START, last=START + timedelta(days=2)), unit=Unit.DAY)

    assert [period.cell for period in part] == [period.cell for period in all_days[:3]] == [20, "<5", "withheld"]


def test_a_week_that_would_tell_its_one_small_day_is_a_lower_bound() -> None:
    weeks = add_up(counts=series([20, 3, 30, *[0] * 11, 2, 3, 60]), window=whole([0] * 17, Unit.WEEK), unit=Unit.WEEK)

    assert [week.cell for week in weeks] == ["50+", 0, 65]


def test_a_hidden_cell_is_drawn_at_one_height() -> None:
    drawn = {add_up(counts=series([n, 50, n]), window=whole([0]), unit=Unit.DAY)[0].drawn for n in (1, 2, 3, 4)}

    assert len(drawn) == 1


def test_the_usual_window_frames_the_signatures_but_not_the_future() -> None:
    counts = [(date(2025, 8, 7), 10), (date(2025, 8, 8), 0), (TODAY, 1)]

    window = default_window(counts=counts, otherwise=Window(first=TODAY, last=TODAY), today=TODAY)

    assert window.first < date(2025, 8, 7)
    assert window.last == TODAY


def test_without_signatures_the_other_window_is_shown() -> None:
    other = Window(first=START, last=TODAY)

    assert default_window(counts=[], otherwise=other, today=TODAY) == other


@given(
    first=st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    last=st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
)
def test_a_window_of_which_one_end_is_chosen_is_never_reversed_or_too_long(
    first: date | None, last: date | None
) -> None:
    window = choose_window(first=first, last=last, otherwise=Window(first=START, last=TODAY))

    if first is None or last is None:
        assert 1 <= window.days <= MOST_DAYS
    assert first in (None, window.first)
    assert last in (None, window.last)


@pytest.mark.parametrize("unit", Unit)
def test_a_window_grows_to_whole_units(unit: Unit) -> None:
    window = fit_to_unit(window=Window(first=date(2025, 8, 6), last=date(2025, 9, 2)), unit=unit)

    assert (
        window
        == {
            Unit.DAY: Window(first=date(2025, 8, 6), last=date(2025, 9, 2)),
            Unit.WEEK: Window(first=date(2025, 8, 4), last=date(2025, 9, 7)),
            Unit.MONTH: Window(first=date(2025, 8, 1), last=date(2025, 9, 30)),
        }[unit]
    )


def test_neighbouring_empty_periods_are_one_line() -> None:
    folded = fold_empty_runs(add_up(counts=series([9, 0, 0, 0, 7]), window=whole([0] * 5), unit=Unit.DAY))

    assert [(period.first.day, period.last.day, period.cell) for period in folded] == [(4, 4, 9), (5, 7, 0), (8, 8, 7)]


def test_the_busiest_day_is_one_that_is_shown() -> None:
    assert busiest_day(series([2, 9, 12, 12, 30]), Window(first=START, last=START + timedelta(days=3))) == (
        START + timedelta(days=2),
        12,
    )
    assert busiest_day(series([2, 3]), whole([0, 0])) is None


def test_busy_months_hold_a_tenth_of_all() -> None:
    counts = [(date(2025, 8, 7), 900), (date(2025, 9, 7), 20), (date(2026, 2, 13), 500)]

    assert [month.first for month in busy_months(counts=counts)] == [date(2025, 8, 1), date(2026, 2, 1)]
    assert busy_months(counts=[]) == []


def test_a_lower_bound_is_drawn_at_what_it_says() -> None:
    assert Period(first=START, last=START, cell="812+").drawn == 812
