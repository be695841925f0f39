"""The history over HTTP: the same figures in JSON, CSV, picture and pages, and no small one in all of them together."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from petitions.models import Milestone, Petition, PetitionState, Tally, TallyBucket, TallyHour
from petitions.rules.public_history import DAY, HOUR
from tests.factories import NOW, make_petition

pytestmark = pytest.mark.django_db
HISTORY = "/api/v1/petitions/keep/history"
DAY_ONE = NOW.replace(hour=0) - 3 * DAY


def counted(petition: Petition, hours: dict[datetime, int]) -> Petition:
    """Buckets as a fold leaves them, in two quarter hours, countries and channels."""
    later = timedelta(minutes=45)
    rows = [(at, "FR", "web", (n + 1) // 2) for at, n in hours.items()]
    rows += [(at + later, "", "import", n // 2) for at, n in hours.items() if n > 1]
    TallyBucket.objects.bulk_create(
        TallyBucket(petition=petition, starts_at=at, country=country, channel=channel, n=n)
        for at, country, channel, n in rows
    )
    Tally.objects.create(petition=petition, total=sum(hours.values()), as_of=NOW)
    return petition


@pytest.fixture
def petition() -> Petition:
    """Two busy days without a small hour, one with quiet hours; closed, so that the history ends."""
    petition = make_petition(
        slug="keep", ladder=[100, 5_000], state=PetitionState.CLOSED, opens_at=DAY_ONE, closes_at=DAY_ONE + 3 * DAY
    )
    busy = {DAY_ONE + hour * HOUR: 10 + hour for hour in range(48)}
    quiet = {DAY_ONE + 2 * DAY + hour * HOUR: n for hour, n in enumerate((30, 3, 1, 6, 40))}
    Milestone.objects.create(petition=petition, threshold=100, reached_at=DAY_ONE + 7 * HOUR)
    return counted(petition, {**busy, **quiet})


def rows_of(client: Client) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(HISTORY, {"format": "csv"}).content.decode())))


# --- The sums by hour -------------------------------------------------------------------------------------------------
def hours_stored(petition: Petition) -> dict[datetime, int]:
    return dict(TallyHour.objects.filter(petition=petition, n__gt=0).values_list("starts_at", "n"))


def test_the_database_adds_up_hours_whatever_writes_the_buckets() -> None:
    petition = counted(make_petition(), {DAY_ONE: 7, DAY_ONE + HOUR: 4})
    other = counted(make_petition(), {DAY_ONE: 100})

    TallyBucket.objects.filter(petition=petition, starts_at=DAY_ONE).update(n=9)
    TallyBucket.objects.filter(petition=petition, starts_at=DAY_ONE + HOUR).delete()

    assert hours_stored(petition) == {DAY_ONE: 12, DAY_ONE + HOUR: 2}
    assert hours_stored(other) == {DAY_ONE: 100}


def test_hours_follow_a_statement_that_inserts_changes_and_deletes_at_once() -> None:
    petition = counted(make_petition(), {DAY_ONE: 8, DAY_ONE + HOUR: 1})

    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (DELETE FROM petitions_tallybucket WHERE petition_id = %(id)s AND channel = 'import'),
            less AS (UPDATE petitions_tallybucket SET n = n - 1 WHERE petition_id = %(id)s AND channel = 'web' AND n > 1)
            INSERT INTO petitions_tallybucket (petition_id, starts_at, country, channel, n)
            SELECT %(id)s, %(at)s, 'DE', 'web', 5
            """,
            {"id": petition.pk, "at": DAY_ONE},
        )

    assert hours_stored(petition) == {DAY_ONE: 8, DAY_ONE + HOUR: 1}


def test_a_petition_leaves_no_hours_behind() -> None:
    petition = counted(make_petition(), {DAY_ONE: 8})

    petition.texts.all().delete()
    petition.delete()

    assert not TallyHour.objects.exists()


# --- The answer -------------------------------------------------------------------------------------------------------
def test_everybody_may_read_every_hour_since_the_start(client: Client, petition: Petition) -> None:
    answer = client.get(HISTORY)

    body = answer.json()
    assert (answer.status_code, body["petition"], body["timezone"]) == (200, "keep", "UTC")
    assert body["hours"][0] == {"hour": "2026-02-27T00:00:00Z", "signatures": 10}
    assert [row["signatures"] for row in body["hours"][48:53]] == [30, "<7", "<7", "<7", 40]
    assert body["days"] == [
        {"day": "2026-02-27", "signatures": 516},
        {"day": "2026-02-28", "signatures": 1092},
        {"day": "2026-03-01", "signatures": 80},
    ]
    assert body["total"] == 1688 == sum(row["signatures"] for row in body["days"])
    assert body["records"] == {
        "hour": {"hour": "2026-02-28T23:00:00Z", "signatures": 57, "certain": True},
        "day": {"day": "2026-02-28", "signatures": 1092, "certain": True},
    }
    assert body["milestones"] == [{"threshold": 100, "reached_at": "2026-02-27T07:00:00Z"}]


def test_both_formats_agree_line_by_line(client: Client, petition: Petition) -> None:
    rows = rows_of(client)

    assert rows[0] == ["hour", "signatures"]
    assert rows[1:] == [[row["hour"], str(row["signatures"])] for row in client.get(HISTORY).json()["hours"]]


def test_hours_add_up_to_the_published_count_where_none_is_hidden(client: Client) -> None:
    petition = make_petition(slug="keep", opens_at=DAY_ONE)
    counted(petition, {DAY_ONE + hour * HOUR: 5 + hour for hour in range(30)})

    assert sum(int(n) for _hour, n in rows_of(client)[1:]) == 585 == client.get(HISTORY).json()["total"]


def test_no_cell_of_the_sheet_starts_a_formula(client: Client, petition: Petition) -> None:
    assert not [cell for row in rows_of(client) for cell in row if cell[0] in "=+-@\t\r"]


def test_the_history_is_the_same_cacheable_answer_for_everybody(bob_client: Client, petition: Petition) -> None:
    for file_format in ("json", "csv"):
        answer = bob_client.get(HISTORY, {"format": file_format}, headers={"origin": "https://example.org"})

        caching = answer.headers["Cache-Control"]
        assert all(
            word in caching for word in ("public", "s-maxage=60", "stale-while-revalidate=600", "stale-if-error=")
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert not answer.cookies
        again = bob_client.get(HISTORY, {"format": file_format}, headers={"if-none-match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_format_is_refused_in_words(client: Client, petition: Petition) -> None:
    answer = client.get(HISTORY, {"format": "xml"})

    assert (answer.status_code, answer.json()) == (422, {"detail": "“format” must be one of: json, csv."})


def test_an_unknown_petition_has_no_history(client: Client) -> None:
    assert client.get("/api/v1/petitions/nothing/history").status_code == 404


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_a_petition_that_is_not_published_has_no_history(client: Client, petition: Petition, state: str) -> None:
    Petition.objects.update(state=state)

    assert client.get(HISTORY).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_history_is_only_read(client: Client, petition: Petition, method: str) -> None:
    assert getattr(client, method)(HISTORY).status_code == 405


def test_the_history_costs_three_statements(client: Client, petition: Petition) -> None:
    client.get(HISTORY)

    with assertNumQueries(3):
        client.get(HISTORY)


# --- Privacy ----------------------------------------------------------------------------------------------------------
def test_no_outlet_shows_a_small_number(client: Client, petition: Petition) -> None:
    """The day of quiet hours: 30, 3, 1, 6 and 40. The files, the table and the picture say «<7» of the three, and no more."""
    page = reverse("petitions:petition-numbers-of", args=["keep", "2026-03-01"])

    told = [row["signatures"] for row in client.get(HISTORY).json()["hours"]]
    sheet = [cell for _hour, cell in rows_of(client)[1:]]
    table = client.get(page).content.decode()

    assert not {n for n in told if isinstance(n, int) and 0 < n < 5}
    assert not {"1", "2", "3", "4"} & set(sheet)
    assert table.count("&lt;7") == 3
    assert not [n for n in (1, 2, 3, 4) if f'<td class="number">{n}</td>' in table]


def test_two_petitions_that_differ_in_hidden_hours_alone_look_alike_everywhere(
    client: Client, petition: Petition
) -> None:
    paths = [
        HISTORY,
        f"{HISTORY}?format=csv",
        reverse("petitions:petition-numbers", args=["keep"]),
        reverse("petitions:petition-numbers-svg", args=["keep"]),
        reverse("petitions:petition-numbers-of", args=["keep", "2026-03"]),
        reverse("petitions:petition-numbers-of", args=["keep", "2026-03-01"]),
    ]
    before = [client.get(path).content for path in paths]

    # The hours of 1 and of 6 change places.
    one, six = (DAY_ONE + 2 * DAY + hour * HOUR for hour in (2, 3))
    for starts_at, n in ((one, 6), (six, 1)):
        TallyBucket.objects.filter(petition=petition, starts_at__gte=starts_at, starts_at__lt=starts_at + HOUR).delete()
        TallyBucket.objects.create(petition=petition, starts_at=starts_at, country="FR", channel="web", n=n)

    assert hours_stored(petition)[one] == 6
    assert [client.get(path).content for path in paths] == before


# --- What is next -----------------------------------------------------------------------------------------------------
def outlook(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(HISTORY).json()["forecast"]
    return found


def running(*, per_hour: int, days: int = 20, **fields: Any) -> Petition:
    """A petition that has been signed evenly until the current hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    petition = make_petition(slug="keep", ladder=[50_000], opens_at=hour - days * DAY, **fields)
    return counted(petition, {hour - n * HOUR: per_hour for n in range(days * 24)})


def test_the_next_milestone_has_an_honest_range_in_the_future(client: Client) -> None:
    running(per_hour=100)
    now = timezone.now()

    found = outlook(client)

    assert (found["outlook"], found["milestone"], found["missing"]) == ("range", 50_000, 2_000)
    earliest, likely, latest = (datetime.fromisoformat(found[name]) for name in ("earliest", "likely", "latest"))
    assert now < earliest <= likely <= latest < now + 3 * DAY


def test_within_a_minute_the_same_is_foretold_so_that_the_etag_holds(client: Client) -> None:
    running(per_hour=100)

    found = outlook(client)

    for name in ("earliest", "likely", "latest"):
        instant = datetime.fromisoformat(found[name])
        assert (instant.second, instant.microsecond) == (0, 0)


def test_nothing_is_foretold_on_the_first_day(client: Client) -> None:
    running(per_hour=100, days=1)

    assert outlook(client)["outlook"] == "too-little-data"


def test_nothing_is_foretold_while_signing_is_paused(client: Client) -> None:
    running(per_hour=100, state=PetitionState.PAUSED)

    assert outlook(client)["outlook"] == "paused"


def test_what_cannot_come_before_the_closing_is_not_dated(client: Client) -> None:
    running(per_hour=100, closes_at=timezone.now() + HOUR)

    found = outlook(client)

    assert (found["outlook"], found["earliest"], found["latest"]) == ("not-before-closing", None, None)


def test_a_closed_petition_keeps_its_records_and_has_no_velocity(client: Client, petition: Petition) -> None:
    body = client.get(HISTORY).json()

    assert (body["forecast"]["outlook"], body["velocity"]) == ("closed", [])
    assert body["records"]["day"]["signatures"] == 1092


def test_before_the_first_signature_the_history_is_empty(client: Client) -> None:
    make_petition(slug="keep")

    body = client.get(HISTORY).json()

    assert (body["total"], body["hours"], body["days"], body["velocity"]) == (0, [], [], [])
    assert body["records"] == {"hour": None, "day": None}
    assert (body["forecast"]["outlook"], rows_of(client)) == ("not-started", [["hour", "signatures"]])


def test_velocity_compares_with_the_time_before(client: Client) -> None:
    running(per_hour=100)

    hour, day, week = client.get(HISTORY).json()["velocity"]

    assert (hour["signatures"], day["signatures"], week["signatures"]) == (
        {"least": 100, "most": 100},
        {"least": 2_400, "most": 2_400},
        {"least": 16_800, "most": 16_800},
    )
    assert {velocity["change_percent"] for velocity in (hour, day, week)} == {0}
