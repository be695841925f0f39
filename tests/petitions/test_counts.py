"""Series of the count: exact local periods in any zone, adding up to the published count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertNumQueries

from petitions.actions.tally import fold_tally
from petitions.models import Petition, PetitionState
from petitions.queries.counts import count_status, signature_counts, signatures_by_day
from petitions.queries.exports import as_csv, as_data, export_table, public_table
from petitions.queries.pages import standing_of
from petitions.queries.series import Span, TooManyRows
from petitions.rules.cells import formula_safe, public_cells
from petitions.rules.periods import Grouping, period_boundaries, period_label, time_zone
from tests.factories import NOW, make_petition, make_signature

PARIS = ZoneInfo("Europe/Paris")
PERIODS = [by for by in Grouping if by.is_period]
ZONES = sorted(available_timezones())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def counted(*instants: str, country: str = "FR") -> Petition:
    petition = make_petition(slug="counted")
    for instant in instants:
        make_signature(petition=petition, verified_at=utc(instant), country=country)
    fold_tally(petition_id=petition.pk, now=NOW)
    return petition


def labels_and_counts(petition: Petition, by: Grouping, span: Span) -> list[tuple[str, int]]:
    return [(row.label, row.signatures) for row in signature_counts(petition=petition, by=by, span=span).rows]


# --- Series ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_day_begins_at_local_midnight() -> None:
    petition = counted("2026-02-13 22:59:59", "2026-02-13 23:00:00")

    rows = labels_and_counts(petition, Grouping.DAY, Span(tz=PARIS))

    assert rows == [("2026-02-13", 1), ("2026-02-14", 1)]


@pytest.mark.django_db
def test_days_are_exact_in_a_zone_of_quarter_hours() -> None:
    petition = counted("2026-02-13 18:14:59", "2026-02-13 18:15:00")

    rows = labels_and_counts(petition, Grouping.DAY, Span(tz=ZoneInfo("Asia/Kathmandu")))

    assert rows == [("2026-02-13", 1), ("2026-02-14", 1)]


@pytest.mark.django_db
def test_empty_days_are_rows_of_zero() -> None:
    petition = counted("2026-02-13 12:00", "2026-02-16 12:00")

    rows = signatures_by_day(petition_ids=[petition.pk], tz=PARIS)

    assert rows == [(date(2026, 2, 13), 1), (date(2026, 2, 14), 0), (date(2026, 2, 15), 0), (date(2026, 2, 16), 1)]


@pytest.mark.django_db
def test_the_night_on_which_clocks_go_back_has_one_hour_more() -> None:
    petition = counted("2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30")

    rows = labels_and_counts(petition, Grouping.HOUR, Span(tz=PARIS))
    day = labels_and_counts(
        petition, Grouping.HOUR, Span(tz=PARIS, first_day=date(2026, 10, 25), last_day=date(2026, 10, 25))
    )

    assert rows == [("2026-10-25T02:00+02:00", 1), ("2026-10-25T02:00+01:00", 1), ("2026-10-25T03:00+01:00", 1)]
    assert len(day) == 25


@pytest.mark.django_db
def test_weeks_begin_on_monday_and_are_named_as_iso_does() -> None:
    petition = counted("2026-01-04 22:59", "2026-01-04 23:00")  # Sunday, then Monday in Paris

    rows = labels_and_counts(petition, Grouping.WEEK, Span(tz=PARIS))

    assert rows == [("2026-W01", 1), ("2026-W02", 1)]


@pytest.mark.django_db
def test_months_are_local_months() -> None:
    petition = counted("2026-01-31 22:59", "2026-01-31 23:00", "2026-03-01 12:00")

    rows = labels_and_counts(petition, Grouping.MONTH, Span(tz=PARIS))

    assert rows == [("2026-01", 1), ("2026-02", 1), ("2026-03", 1)]


@pytest.mark.django_db
def test_a_span_cuts_whole_local_days_and_shows_the_empty_ones() -> None:
    petition = counted("2026-02-12 12:00", "2026-02-13 12:00", "2026-02-20 12:00")
    span = Span(tz=PARIS, first_day=date(2026, 2, 13), last_day=date(2026, 2, 15))

    assert labels_and_counts(petition, Grouping.DAY, span) == [("2026-02-13", 1), ("2026-02-14", 0), ("2026-02-15", 0)]
    assert labels_and_counts(petition, Grouping.COUNTRY, span) == [("FR", 1)]


@pytest.mark.django_db
def test_a_span_open_on_one_side_reaches_to_the_first_or_the_last_signature() -> None:
    petition = counted("2026-02-12 12:00", "2026-02-14 12:00")

    until = labels_and_counts(petition, Grouping.DAY, Span(tz=PARIS, last_day=date(2026, 2, 13)))
    since = labels_and_counts(petition, Grouping.DAY, Span(tz=PARIS, first_day=date(2026, 2, 13)))

    assert until == [("2026-02-12", 1), ("2026-02-13", 0)]
    assert since == [("2026-02-13", 0), ("2026-02-14", 1)]


@pytest.mark.django_db
def test_a_petition_without_signatures_has_no_rows() -> None:
    petition = make_petition()

    assert labels_and_counts(petition, Grouping.DAY, Span(tz=PARIS)) == []
    assert labels_and_counts(petition, Grouping.COUNTRY, Span(tz=PARIS)) == []
    assert signatures_by_day(petition_ids=[], tz=PARIS) == []


@pytest.mark.django_db
def test_a_span_of_too_many_hours_is_refused() -> None:
    span = Span(tz=PARIS, first_day=date(2000, 1, 1), last_day=date(2099, 1, 1))

    with pytest.raises(TooManyRows):
        labels_and_counts(counted("2026-02-12 12:00"), Grouping.HOUR, span)


@pytest.mark.django_db
def test_countries_and_channels_come_by_number() -> None:
    petition = counted("2026-02-12 12:00", "2026-02-12 12:00", country="DE")
    make_signature(petition=petition, country="")
    fold_tally(petition_id=petition.pk, now=NOW)

    assert labels_and_counts(petition, Grouping.COUNTRY, Span(tz=PARIS)) == [("DE", 2), ("", 1)]
    assert labels_and_counts(petition, Grouping.CHANNEL, Span(tz=PARIS)) == [("web", 3)]


@pytest.mark.django_db
@pytest.mark.parametrize("by", list(Grouping))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"])
def test_every_series_adds_up_to_the_published_count(by: Grouping, zone: str) -> None:
    petition = make_petition(slug="sums")
    for k in range(30):
        make_signature(petition=petition, verified_at=NOW + timedelta(hours=37 * k), country=("FR", "DE", "")[k % 3])
    fold_tally(petition_id=petition.pk, now=NOW)

    export = signature_counts(petition=petition, by=by, span=Span(tz=ZoneInfo(zone)))

    assert export.total == 30 == count_status(slug="sums", now=NOW).count


# A fixed number of examples without a database: the arithmetic of local time, over every zone there is.
@settings(max_examples=200, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    by=st.sampled_from(PERIODS),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    length=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_an_instant_falls_into_the_period_that_its_wall_clock_names(
    zone: str, by: Grouping, start: datetime, length: timedelta
) -> None:
    tz = ZoneInfo(zone)
    first = start.replace(tzinfo=UTC)
    boundaries = period_boundaries(by=by, tz=tz, first=first, last=first + length)

    assert boundaries == sorted(boundaries)
    assert boundaries[0] <= first
    assert boundaries[-2] <= first + length < boundaries[-1]
    instant = first + length / 2
    period = max(boundary for boundary in boundaries if boundary <= instant)
    label, local = period_label(by=by, tz=tz, start=period), instant.astimezone(tz)
    expected = {
        Grouping.HOUR: f"{local:%Y-%m-%dT%H}",
        Grouping.DAY: f"{local:%Y-%m-%d}",
        Grouping.WEEK: "{}-W{:02}".format(*local.isocalendar()),
        Grouping.MONTH: f"{local:%Y-%m}",
    }[by]
    assert label.startswith(expected)


# --- What the public may see ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ([], []),
        ([0, 7], [0, 7]),
        ([3, 2, 9], ["<5", "<5", 9]),
        ([3, 50, 9], ["<5", 50, "withheld"]),  # one hidden cell would be the total minus the rest
        ([1, 1, 90, 8], ["<5", "<5", 90, "withheld"]),  # two hidden signatures in two cells are one each
        ([4, 4, 90, 8], ["<5", "<5", 90, "withheld"]),
        ([1, 5, 6, 80], ["<5", "withheld", "withheld", 80]),  # 1 and 5 add up to 6 in one way only
        ([2], ["<5"]),  # nothing to hide behind: the total says it
    ],
)
def test_small_cells_are_hidden_where_the_total_would_tell_them(exact: list[int], shown: list[int | str]) -> None:
    assert public_cells(exact) == shown


@given(exact=st.lists(st.integers(0, 30), max_size=12))
def test_what_is_hidden_can_be_more_than_one_table(exact: list[int]) -> None:
    shown = public_cells(exact)

    assert all(cell == n for cell, n in zip(shown, exact, strict=True) if isinstance(cell, int))
    assert all(cell == "<5" for cell, n in zip(shown, exact, strict=True) if 0 < n < 5)
    small = [n for n in exact if 0 < n < 5]
    withheld = [n for cell, n in zip(shown, exact, strict=True) if cell == "withheld"]
    others_left = [cell for cell in shown if isinstance(cell, int) and cell >= 5]
    if small and not withheld and others_left:
        assert len(small) > 1
        assert len(small) < sum(small) < 4 * len(small)


@pytest.mark.django_db
def test_no_choice_of_a_span_uncovers_a_public_day() -> None:
    petition = counted(*["2026-02-12 12:00"] * 6, *["2026-02-13 12:00"] * 2, *["2026-02-14 12:00"] * 9)
    part = Span(tz=PARIS, first_day=date(2026, 2, 12), last_day=date(2026, 2, 12))

    whole = public_table(petition=petition, by=Grouping.DAY, span=Span(tz=PARIS))
    cut = public_table(petition=petition, by=Grouping.DAY, span=part)

    assert [row[-1] for row in whole.rows] == ["withheld", "<5", 9]
    assert [row[-1] for row in cut.rows] == ["withheld"]
    assert (whole.total, cut.total) == (17, None)


# --- Files ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_csv_is_plain_and_has_a_header() -> None:
    petition = counted("2026-02-13 12:00")
    table = export_table(counts=signature_counts(petition=petition, by=Grouping.DAY, span=Span(tz=PARIS)))

    assert as_csv(table=table) == "day,starts_at,signatures\r\n2026-02-13,2026-02-13T00:00:00+01:00,1\r\n"
    assert table.file_stem == "counted_signatures-by-day_Europe-Paris"


@pytest.mark.django_db
def test_a_signature_without_a_country_is_unknown_in_the_file() -> None:
    petition = counted("2026-02-13 12:00", country="")
    table = export_table(counts=signature_counts(petition=petition, by=Grouping.COUNTRY, span=Span(tz=PARIS)))

    assert as_data(table=table)["rows"] == [{"country": "unknown", "signatures": 1}]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_starts_a_formula(cell: str) -> None:
    assert formula_safe(cell) == f"'{cell}"
    assert formula_safe("FR") == "FR"


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "../../etc/passwd", "Europe", "/etc/localtime", "europe/paris"])
def test_only_names_of_the_iana_database_are_zones(name: str) -> None:
    assert time_zone(name) is None


# --- The number itself ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_status_is_read_with_two_statements() -> None:
    counted("2026-02-13 12:00")

    with assertNumQueries(2):
        status = count_status(slug="counted", now=NOW)

    assert (status.count, status.as_of, status.next_milestone) == (1, NOW, 100)


@pytest.mark.django_db
def test_before_the_first_fold_the_count_is_zero_since_the_opening() -> None:
    petition = make_petition(slug="fresh")

    status = count_status(slug="fresh", now=NOW)

    assert (status.count, status.as_of) == (0, petition.opens_at)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "closes_at", "ahead"),
    [
        (PetitionState.OPEN, None, 100),
        (PetitionState.OPEN, NOW + timedelta(seconds=1), 100),
        (PetitionState.PAUSED, None, 100),
        (PetitionState.OPEN, NOW, None),  # by the clock, before anybody has noticed
        (PetitionState.CLOSED, NOW, None),
    ],
)
def test_what_has_closed_is_on_its_way_to_no_milestone(
    state: PetitionState, closes_at: datetime | None, ahead: int | None
) -> None:
    petition = make_petition(slug="way", state=state, closes_at=closes_at, pause_reason="A reason.")

    assert count_status(slug="way", now=NOW).next_milestone == ahead
    assert standing_of(petition, now=NOW).next_milestone == ahead  # what the page says before the count is polled


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_what_is_not_published_has_no_status(state: str) -> None:
    make_petition(slug="hidden", state=state)  # type: ignore[arg-type]

    with pytest.raises(Petition.DoesNotExist):
        count_status(slug="hidden", now=NOW)
