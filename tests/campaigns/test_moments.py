"""Dates are kept and written as exactly as they are known."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.moments import Moment, Precision, UnreadableMoment, floor_to, parse_moment, read_moment

UTC_ZONE = ZoneInfo("UTC")
TOKYO = ZoneInfo("Asia/Tokyo")
instants = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2199, 12, 30), timezones=st.just(UTC))


@given(at=instants, precision=st.sampled_from(Precision))
def test_what_was_typed_is_read_back(at: datetime, precision: Precision) -> None:
    moment = Moment(at=floor_to(at, precision), precision=precision)

    assert read_moment(moment.typed) == moment
    assert parse_moment(text=moment.written, precision=precision) == moment


@pytest.mark.parametrize(
    ("text", "precision"),
    [("2025-08-07", "month"), ("2026-04", "month"), ("2025-08-07", "day"), ("2025-08-08T22:58:28Z", "second")],
)
def test_dates_of_files_are_read(text: str, precision: str) -> None:
    assert parse_moment(text=text, precision=Precision(precision)).precision == precision


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-13-01", "2025-02-30", "12/08/2025", "1066-10-14", "9999-01-01"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UnreadableMoment):
        read_moment(text)
    with pytest.raises(UnreadableMoment):
        parse_moment(text=text, precision=Precision.DAY)


def test_a_day_is_the_same_date_everywhere() -> None:
    day = read_moment("2025-08-07")

    assert day.first_day(TOKYO) == day.first_day(UTC_ZONE) == date(2025, 8, 7)
    assert day.centre(TOKYO) == date(2025, 8, 7).toordinal() + 0.5


def test_an_instant_follows_the_time_zone() -> None:
    instant = read_moment("2025-08-08 22:58:28")

    assert instant.first_day(UTC_ZONE) == date(2025, 8, 8)
    assert instant.first_day(TOKYO) == date(2025, 8, 9)


def test_a_month_stands_in_its_middle_and_spans_all_of_it() -> None:
    month = read_moment("2026-04")

    assert (month.first_day(UTC_ZONE), month.last_day(UTC_ZONE)) == (date(2026, 4, 1), date(2026, 4, 30))
    assert month.centre(UTC_ZONE) == date(2026, 4, 16).toordinal()
