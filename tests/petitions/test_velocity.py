"""How fast signatures come, and how fast they ever came, by public numbers alone."""

from petitions.rules.public_history import DAY, HOUR, Bounds
from petitions.rules.velocity import busiest_day, busiest_hour, velocities
from tests.petitions.test_public_history import START, history_of

EVEN = [10] * 24


def test_velocity_adds_up_full_hours_and_the_same_time_before() -> None:
    history = history_of(EVEN, [20] * 24, [30] * 24)

    hour, day, week = velocities(history=history, until=START + 2 * DAY + 12 * HOUR)

    assert (hour.signatures.least, hour.before, hour.change_percent) == (30, Bounds(least=30, most=30), 0)
    assert (day.signatures, day.change_percent) == (Bounds(least=600, most=600), 67)
    assert (day.since, day.until) == (START + DAY + 12 * HOUR, START + 2 * DAY + 12 * HOUR)
    assert (week.before, week.change_percent) == (None, None)


def test_a_fall_is_a_change_below_zero() -> None:
    history = history_of([20] * 24, EVEN)

    assert velocities(history=history, until=START + 2 * DAY)[1].change_percent == -50


def test_velocity_of_hidden_hours_is_a_range_without_a_change() -> None:
    history = history_of(EVEN, [9, 3, *[12] * 22])

    hour = velocities(history=history, until=START + DAY + 2 * HOUR)[0]

    assert (hour.signatures, hour.before) == (Bounds(least=3, most=9), Bounds(least=3, most=9))
    assert hour.change_percent is None


def test_before_the_first_signature_there_is_no_velocity_and_no_record() -> None:
    history = history_of([0])

    assert velocities(history=history, until=START) == ()
    assert (busiest_hour(history), busiest_day(history)) == (None, None)


def test_records_are_the_earliest_of_the_highest() -> None:
    history = history_of(EVEN, [10] * 23 + [40], [40] + [10] * 23)

    hour, day = busiest_hour(history), busiest_day(history)

    assert hour is not None
    assert (hour.starts_at, hour.signatures, hour.is_certain) == (START + DAY + 23 * HOUR, 40, True)
    assert day is not None
    assert (day.on, day.signatures, day.is_certain) == ((START + DAY).date(), 270, True)


def test_a_record_is_not_certain_where_a_hidden_hour_may_be_higher() -> None:
    history = history_of(EVEN, [150, 3, 0, 2])

    hour = busiest_hour(history)

    assert hour is not None
    assert (hour.signatures, hour.is_certain) == (10, False)


def test_there_is_no_record_where_nothing_is_shown() -> None:
    history = history_of([3])

    assert (busiest_hour(history), busiest_day(history)) == (None, None)
