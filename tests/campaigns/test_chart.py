"""The picture's scales, ticks and labels: round, few, in order, and never upon each other."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.chart import BASELINE, LAYOUT_WIDTHS, PLOT_TOP, Flag, Mark, draw_chart, spans_in_lanes
from campaigns.rules.markers import beside, centred, cluster_marks
from campaigns.rules.periods import Period, Unit, Window, add_up
from campaigns.rules.scales import date_ticks, value_ticks

windows = st.builds(
    lambda first, days: Window(first=first, last=first + timedelta(days=days)),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.integers(0, 3659),
)
fractions = st.lists(st.floats(0, 1, allow_nan=False), max_size=40).map(sorted)
widths = st.sampled_from(sorted(LAYOUT_WIDTHS.values()))


@given(highest=st.integers(0, 10**12))
def test_a_scale_has_few_round_equal_steps_up_to_the_highest_value(highest: int) -> None:
    ticks = value_ticks(highest)

    step = ticks[1]
    assert ticks == [step * index for index in range(len(ticks))]
    assert 2 <= len(ticks) <= 6
    assert ticks[-1] >= highest
    assert ticks[-1] - step < max(highest, 5)
    assert str(step).rstrip("0") in {"1", "2", "5"}


@given(window=windows, width=widths)
def test_dates_on_the_axis_are_in_order_inside_and_apart(window: Window, width: int) -> None:
    ticks = date_ticks(window=window, width=width)

    places = [tick.fraction * width for tick in ticks]
    assert all(window.holds(tick.on) for tick in ticks)
    assert all(later - earlier >= 24 for earlier, later in itertools.pairwise(places))
    assert all(place + 26 <= width for place in places)


@given(window=windows, width=widths)
def test_names_of_months_and_years_below_the_axis_never_touch(window: Window, width: int) -> None:
    ticks = [tick for tick in date_ticks(window=window, width=width) if tick.names_parent]

    places = [tick.fraction * width for tick in ticks]
    room = 118 if ticks and ticks[0].kind == "day" else 44
    assert all(earlier + room <= later for earlier, later in zip(places, [*places[1:], width], strict=False))


def test_a_month_is_marked_by_day_a_year_by_month_a_decade_by_year() -> None:
    def kinds(days: int) -> set[str]:
        window = Window(first=date(2025, 8, 1), last=date(2025, 8, 1) + timedelta(days=days))
        return {tick.kind.value for tick in date_ticks(window=window, width=960)}

    assert [kinds(30), kinds(365), kinds(3650)] == [{"day"}, {"month"}, {"month"}]


@given(places=fractions, width=widths)
def test_each_mark_is_in_one_cluster_and_no_two_labels_touch(places: list[float], width: int) -> None:
    clusters = cluster_marks(
        fractions=places,
        axis_px=width,
        width_of=lambda first, last: 24 if first == last else 40,
        place=centred(axis_px=width),
        gap_px=3,
    )

    assert [index for one in clusters for index in range(one.first, one.last + 1)] == list(range(len(places)))
    assert all(a.left + a.width + 3 <= b.left for a, b in itertools.pairwise(clusters))
    assert all(one.left >= 0 and one.left + one.width <= width for one in clusters)


@given(places=fractions, width=widths)
def test_milestone_labels_never_touch_and_turn_left_at_the_end(places: list[float], width: int) -> None:
    clusters = cluster_marks(
        fractions=places,
        axis_px=width,
        width_of=lambda first, last: 50 if first == last else 90,
        place=beside(axis_px=width, reach_px=9),
        gap_px=0,
    )

    assert [index for one in clusters for index in range(one.first, one.last + 1)] == list(range(len(places)))
    assert all(a.left + a.width <= b.left for a, b in itertools.pairwise(clusters))
    # A mark is 9 px to each side of its place, so one at the very end may stick out by that.
    assert all(one.left + one.width <= width + 9 for one in clusters)


@given(places=st.lists(st.tuples(st.floats(0, 0.5), st.floats(0.01, 0.5)), max_size=3))
def test_up_to_three_lines_that_overlap_lie_below_each_other(places: list[tuple[float, float]]) -> None:
    spans = spans_in_lanes([(start, start + length) for start, length in places])

    for at, one in enumerate(spans):
        for other in spans[at + 1 :]:
            assert one.lane != other.lane or one.end < other.start


@given(ns=st.lists(st.integers(0, 5000), min_size=1, max_size=60), unit=st.sampled_from(Unit))
def test_bars_stand_inside_the_plot_and_the_area_says_the_same(ns: list[int], unit: Unit) -> None:
    monday = date(2025, 9, 1)  # a Monday and the first of a month: it fits every unit
    counts = [(monday + timedelta(days=index), n) for index, n in enumerate(ns)]
    window = Window(first=monday, last=monday + timedelta(days=len(ns) - 1))
    periods = add_up(counts=counts, window=window, unit=unit)

    chart = draw_chart(window=window, periods=periods, marks=[], flags=[])

    assert len(chart.bars) == sum(not period.is_empty for period in periods)
    assert all(PLOT_TOP <= bar.top <= BASELINE for bar in chart.bars)
    assert chart.area.count("H") == len(periods)


def test_marks_that_would_cover_each_other_become_one_badge_on_a_phone_only() -> None:
    window = Window(first=date(2025, 8, 1), last=date(2025, 8, 31))
    marks = [Mark(number=7, key="a", fraction=0.50), Mark(number=8, key="b", fraction=0.54)]

    chart = draw_chart(window=window, periods=[], marks=marks, flags=[Flag(threshold=1000, fraction=0.99)])

    labels = {layout.name: [badge.label for badge in layout.badges] for layout in chart.layouts}
    assert labels == {"narrow": ["7–8"], "medium": ["7–8"], "wide": ["7", "8"]}
    assert all(layout.flag_labels[0].is_left for layout in chart.layouts)


def test_an_empty_period_draws_a_scale_and_no_bar() -> None:
    window = Window(first=date(2025, 8, 1), last=date(2025, 8, 1))

    chart = draw_chart(
        window=window, periods=[Period(first=window.first, last=window.last, cell=0)], marks=[], flags=[]
    )

    assert chart.bars == []
    assert [tick.value for tick in chart.value_ticks] == [0, 2, 4, 6]
