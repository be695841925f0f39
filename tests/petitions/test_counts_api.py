"""The counts over HTTP: one number for everybody, the series for those who may."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.asserts import assertNumQueries

from accounts.actions import create_api_token, revoke_api_token
from accounts.models import Role, Team, User
from petitions.actions.tally import fold_tally
from petitions.models import Milestone, Petition, PetitionState
from petitions.rules.periods import Grouping
from tests.factories import NOW, make_membership, make_petition, make_signature, make_team, make_user

pytestmark = pytest.mark.django_db
COUNT = "/api/v1/petitions/keep/count"
COUNTS = "/api/v1/petitions/keep/counts"


@pytest.fixture
def petition(team: Team) -> Petition:
    petition = make_petition(team=team, slug="keep", ladder=[3, 10], timezone="Europe/Paris")
    for k in range(9):
        make_signature(
            petition=petition, verified_at=NOW + timedelta(hours=12 * (k // 7)), country="FR" if k < 7 else "DE"
        )
    fold_tally(petition_id=petition.pk, now=NOW)
    return petition


@pytest.fixture
def bearer(team: Team, bob: User) -> dict[str, str]:
    issued = create_api_token(team=team, actor=bob, name="figures", now=NOW)
    return {"authorization": f"Bearer {issued.secret}"}


# --- The number -----------------------------------------------------------------------------------------------------
def test_everybody_may_read_the_count(client: Client, petition: Petition, settings: Settings) -> None:
    answer = client.get(COUNT)

    milestone = Milestone.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "petition": "keep",
        "count": 9,
        "as_of": "2026-03-02T12:00:00Z",
        "next_milestone": 10,
        "milestones": [
            {
                "threshold": 3,
                "reached_at": milestone.reached_at.isoformat().replace("+00:00", "Z"),
                "url": f"{settings.SITE_URL}/en/petitions/keep/milestones/3/",
            }
        ],
    }


def test_the_count_costs_two_statements(client: Client, petition: Petition) -> None:
    client.get(COUNT)

    with assertNumQueries(2):
        client.get(COUNT)


def test_the_count_is_the_same_cacheable_answer_for_everybody(bob_client: Client, petition: Petition) -> None:
    answer = bob_client.get(COUNT, headers={"accept-language": "fr", "origin": "https://example.org"})

    assert answer.headers["Cache-Control"] == (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=5, stale-if-error=60"
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert "Vary" not in answer.headers
    assert "Content-Language" not in answer.headers


def test_an_unchanged_count_is_not_sent_again(client: Client, petition: Petition) -> None:
    etag = client.get(COUNT).headers["ETag"]

    unchanged = client.get(COUNT, headers={"if-none-match": etag})
    make_signature(petition=petition)
    fold_tally(petition_id=petition.pk, now=NOW + timedelta(minutes=1))
    changed = client.get(COUNT, headers={"if-none-match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.json()["count"]) == (200, 10)


@pytest.mark.parametrize("path", ["/api/v1/petitions/nothing/count", "/api/v1/petitions/nothing/counts"])
def test_an_unknown_petition_is_not_found_in_json(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json() == {"detail": "There is no published petition at this address."}


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_a_petition_that_is_not_published_is_not_found(client: Client, petition: Petition, state: str) -> None:
    Petition.objects.update(state=state)

    assert client.get(COUNT).status_code == 404
    assert client.get(COUNTS).status_code == 404


@pytest.mark.parametrize("path", [COUNT, COUNTS])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_counts_are_only_read(client: Client, petition: Petition, path: str, method: str) -> None:
    assert getattr(client, method)(path).status_code == 405


# --- The series, for everybody --------------------------------------------------------------------------------------
def test_the_public_sees_days_without_small_cells(client: Client, petition: Petition) -> None:
    answer = client.get(COUNTS)

    assert answer.status_code == 200
    assert answer.json()["rows"] == [
        {"day": "2026-03-02", "starts_at": "2026-03-02T00:00:00+01:00", "signatures": "withheld"},
        {"day": "2026-03-03", "starts_at": "2026-03-03T00:00:00+01:00", "signatures": "<5"},
    ]
    assert (answer.json()["total"], answer.json()["timezone"]) == (9, "Europe/Paris")
    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["Vary"] == "Authorization, Cookie"


def test_the_public_sees_countries_without_small_cells(client: Client, petition: Petition) -> None:
    rows = client.get(COUNTS, {"by": "country"}).json()["rows"]

    assert rows == [{"country": "FR", "signatures": "withheld"}, {"country": "DE", "signatures": "<5"}]


@pytest.mark.parametrize("by", ["hour", "week", "month", "channel"])
def test_the_public_sees_nothing_finer(client: Client, petition: Petition, by: str) -> None:
    answer = client.get(COUNTS, {"by": by})

    assert answer.status_code == 403
    assert answer.json()["detail"] == "Without a token of the petition's team, “by” must be day or country."


def test_the_public_cannot_subtract_spans_of_countries(client: Client, petition: Petition) -> None:
    answer = client.get(COUNTS, {"by": "country", "from": "2026-03-02"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"by": "decade"},
            "“by” must be one of: hour, day, week, month, country, channel, or question-<number> for a choice of this petition.",
        ),
        ({"tz": "Mars/Phobos"}, "“tz” must be a time zone of the IANA database, such as Europe/Paris."),
        ({"tz": "../../etc/passwd"}, "“tz” must be a time zone of the IANA database, such as Europe/Paris."),
        ({"format": "pdf"}, "“format” must be one of: json, csv."),
        ({"from": "13/02/2026"}, "“from” must be a day such as 2026-02-13, from 2000 to 2099."),
        ({"to": "0001-01-01"}, "“to” must be a day such as 2026-02-13, from 2000 to 2099."),
        ({"from": "2026-02-14", "to": "2026-02-13"}, "“to” must not lie before “from”."),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(
    client: Client, petition: Petition, query: dict[str, str], sentence: str
) -> None:
    answer = client.get(COUNTS, query)

    assert answer.status_code == 422
    assert answer.json() == {"detail": sentence}


# --- The series, for the team ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", list(Grouping))
def test_a_team_token_reads_every_figure(
    client: Client, petition: Petition, bearer: dict[str, str], by: Grouping
) -> None:
    answer = client.get(COUNTS, {"by": by.value, "tz": "UTC"}, headers=bearer)

    assert answer.status_code == 200
    assert sum(row["signatures"] for row in answer.json()["rows"]) == answer.json()["total"] == 9
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("role", [Role.OWNER, Role.ORGANISER, Role.ANALYST])
def test_people_of_the_team_read_every_figure_in_their_session(
    client: Client, petition: Petition, team: Team, role: Role
) -> None:
    client.force_login(make_membership(team=team, role=role).user)

    answer = client.get(COUNTS, {"by": "hour"})

    assert answer.status_code == 200
    assert answer.json()["total"] == 9


def test_a_session_without_the_second_factor_is_like_everybody(
    bob_client: Client, petition: Petition, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True

    assert bob_client.get(COUNTS, {"by": "hour"}).status_code == 403


def test_other_teams_and_other_roles_see_what_everybody_sees(
    client: Client, mona_client: Client, charlie_client: Client, petition: Petition
) -> None:
    other_team = make_team()
    issued = create_api_token(team=other_team, actor=make_user(), name="theirs", now=NOW)
    client.force_login(make_membership(team=other_team, role=Role.OWNER).user)

    stranger_token = Client().get(COUNTS, {"by": "hour"}, headers={"authorization": f"Bearer {issued.secret}"})
    refused = [visitor.get(COUNTS, {"by": "hour"}).status_code for visitor in (client, mona_client, charlie_client)]

    assert stranger_token.status_code == 403
    assert refused == [403, 403, 403]
    assert charlie_client.get(COUNTS).json()["rows"][1]["signatures"] == "<5"


@pytest.mark.parametrize("given", ["Bearer k4o_wrong", "Bearer ", "Basic Ym9iOnNlY3JldA==", "nonsense"])
def test_a_wrong_token_is_refused_and_not_overlooked(client: Client, petition: Petition, given: str) -> None:
    assert client.get(COUNTS, headers={"authorization": given}).status_code == 401


def test_a_revoked_token_is_refused(client: Client, petition: Petition, team: Team, bob: User) -> None:
    issued = create_api_token(team=team, actor=bob, name="old", now=NOW)
    revoke_api_token(team=team, actor=bob, token_id=issued.token.pk, now=NOW)

    answer = client.get(COUNTS, headers={"authorization": f"Bearer {issued.secret}"})

    assert answer.status_code == 401


def test_a_csv_comes_as_a_file_named_after_the_petition_and_the_zone(
    client: Client, petition: Petition, bearer: dict[str, str]
) -> None:
    answer = client.get(COUNTS, {"by": "day", "tz": "America/New_York", "format": "csv"}, headers=bearer)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="keep_signatures-by-day_America-New_York.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["day"] for row in rows] == ["2026-03-02"]
    assert sum(int(row["signatures"]) for row in rows) == 9


def test_too_many_rows_are_refused_with_a_sentence(client: Client, petition: Petition, bearer: dict[str, str]) -> None:
    answer = client.get(COUNTS, {"by": "hour", "from": "2000-01-01", "to": "2099-12-31"}, headers=bearer)

    assert answer.status_code == 422
    assert "100,000 rows" in answer.json()["detail"]


# --- The document ---------------------------------------------------------------------------------------------------
def test_the_api_describes_itself_without_foreign_scripts(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()
    document = client.get("/api/v1/openapi.json").json()

    assert "https://" not in page
    assert "http://" not in page
    assert {"/api/v1/petitions/{slug}/count", "/api/v1/petitions/{slug}/counts"} <= set(document["paths"])
