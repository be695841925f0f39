"""The organisers' pages: who may enter, what each button does, and that nothing typed is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import Role, Team, User
from petitions.actions.tally import fold_tally
from petitions.models import Petition, PetitionState, PetitionText
from petitions.rules.periods import bucket_start
from tests.factories import NOW, make_membership, make_petition, make_signature

pytestmark = pytest.mark.django_db
PAGES = ["organise-petition", "export-counts"]
BUTTONS: dict[str, dict[str, Any]] = {
    "open-petition": {},
    "schedule-petition": {"opens_at": "2099-01-01T00:00"},
    "unschedule-petition": {},
    "pause-petition": {"reason": "We check."},
    "resume-petition": {},
    "close-petition": {"sure": "on"},
    "change-closing": {"closes_at": ""},
}


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", timezone="Europe/Paris", opens_at=NOW - timedelta(days=1))


@pytest.fixture
def analyst_client(team: Team) -> Client:
    client = Client()
    client.force_login(make_membership(team=team, role=Role.ANALYST).user)
    return client


def url(view: str, *arguments: str) -> str:
    return reverse(f"petitions:{view}", args=["keep", *arguments] if view not in ("organise", "new-petition") else [])


# --- Who may enter --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", ["organise", "new-petition", *PAGES])
def test_strangers_are_sent_to_sign_in(client: Client, petition: Petition, view: str) -> None:
    assertRedirects(client.get(url(view)), f"{reverse('account_login')}?next={url(view)}")


@pytest.mark.parametrize("view", ["organise", "new-petition", *PAGES])
def test_other_roles_and_other_people_are_refused(
    mona_client: Client, charlie_client: Client, petition: Petition, view: str
) -> None:
    assert [visitor.get(url(view)).status_code for visitor in (mona_client, charlie_client)] == [403, 403]


@pytest.mark.parametrize("view", PAGES)
def test_a_petition_of_another_team_is_not_found(bob_client: Client, petition: Petition, view: str) -> None:
    make_petition(slug="theirs")

    assert bob_client.get(reverse(f"petitions:{view}", args=["theirs"])).status_code == 404


@pytest.mark.parametrize("view", list(BUTTONS))
def test_buttons_are_posts_of_the_petitions_own_team(
    bob_client: Client, analyst_client: Client, client: Client, petition: Petition, view: str
) -> None:
    theirs = make_petition(slug="theirs")

    assert bob_client.get(url(view)).status_code == 405
    assert analyst_client.post(url(view), BUTTONS[view]).status_code == 403
    assert client.post(url(view), BUTTONS[view]).status_code == 302
    assert bob_client.post(reverse(f"petitions:{view}", args=["theirs"]), BUTTONS[view]).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == PetitionState.OPEN


def test_forms_of_organisers_need_the_csrf_token(bob: User, petition: Petition) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    assert client.post(url("pause-petition"), {"reason": "Forged."}).status_code == 403
    petition.refresh_from_db()
    assert petition.state == PetitionState.OPEN


# --- Dashboard ------------------------------------------------------------------------------------------------------
def test_the_dashboard_shows_the_figures_of_local_days(bob_client: Client, petition: Petition) -> None:
    now = bucket_start(timezone.now().astimezone(UTC))
    for days_ago in (0, 1, 1, 9):
        make_signature(petition=petition, verified_at=now - timedelta(days=days_ago))
    fold_tally(petition_id=petition.pk, now=now)

    (row,) = bob_client.get(url("organise")).context["listed"]

    assert (row.count, row.today, row.yesterday, row.next_milestone) == (4, 1, 2, 100)
    assert (row.title, row.may_change) == ("Keep it available (en)", True)


def test_the_dashboard_lists_only_what_the_visitors_teams_own(bob_client: Client, petition: Petition) -> None:
    make_petition(slug="theirs")

    assert [row.petition for row in bob_client.get(url("organise")).context["listed"]] == [petition]


def test_the_dashboard_costs_the_same_for_any_number_of_petitions(bob_client: Client, team: Team) -> None:
    make_petition(team=team)
    cost = statements_for_the_dashboard(bob_client)
    for _ in range(5):
        make_petition(team=team)

    assert statements_for_the_dashboard(bob_client) == cost


def statements_for_the_dashboard(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(url("organise"))
    return len(queries)


def test_an_analyst_sees_figures_and_no_way_to_change_them(analyst_client: Client, petition: Petition) -> None:
    answer = analyst_client.get(url("organise"))

    assertContains(answer, url("export-counts"))
    assert f'href="{url("organise-petition")}"' not in answer.content.decode()
    assert url("new-petition") not in answer.content.decode()
    assert analyst_client.get(url("organise-petition")).status_code == 403
    assert analyst_client.get(url("export-counts")).status_code == 200


def test_a_team_without_a_petition_is_told_how_to_begin(bob_client: Client, analyst_client: Client) -> None:
    assertContains(bob_client.get(url("organise")), url("new-petition"))
    assertContains(analyst_client.get(url("organise")), "No petition yet")


# --- Founding -------------------------------------------------------------------------------------------------------
def new_petition(team: Team, **changes: Any) -> dict[str, Any]:
    fields = {"addressee": "OpenAI", "slug": "keep", "default_language": "fr", "timezone": "Europe/Paris"}
    return {"team": team.pk, **fields, **changes}


def test_bob_founds_a_petition(bob_client: Client, team: Team) -> None:
    answer = bob_client.post(url("new-petition"), new_petition(team))

    assertRedirects(answer, url("organise-petition"))
    petition = Petition.objects.get()
    assert (petition.team, petition.state, petition.timezone) == (team, PetitionState.DRAFT, "Europe/Paris")


@pytest.mark.parametrize(
    "changes",
    [
        {"slug": "Not A Slug"},
        {"slug": "new"},
        {"slug": "x" * 81},
        {"slug": "-a"},
        {"addressee": ""},
        {"addressee": "x" * 161},
        {"default_language": "tlh"},
        {"timezone": "Mars/Phobos"},
        {"team": 0},
    ],
)
def test_what_cannot_be_founded_is_said_and_kept(bob_client: Client, team: Team, changes: dict[str, Any]) -> None:
    answer = bob_client.post(url("new-petition"), {**new_petition(team, addressee="Kept words"), **changes})

    assert answer.status_code == 422
    assert not Petition.objects.exists()
    if "addressee" not in changes:
        assertContains(answer, "Kept words", status_code=422)


def test_an_address_that_is_taken_is_said(bob_client: Client, petition: Petition, team: Team) -> None:
    answer = bob_client.post(url("new-petition"), new_petition(team))

    assertContains(answer, "Another petition has this address already", status_code=422)


def test_nobody_founds_for_another_team(bob_client: Client, team: Team) -> None:
    other = make_petition().team

    assert bob_client.post(url("new-petition"), new_petition(other)).status_code == 422


# --- Buttons --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "view", "after"),
    [
        ("draft", "open-petition", "open"),
        ("draft", "schedule-petition", "scheduled"),
        ("scheduled", "unschedule-petition", "draft"),
        ("open", "pause-petition", "paused"),
        ("paused", "resume-petition", "open"),
        ("paused", "close-petition", "closed"),
    ],
)
def test_each_button_does_what_it_says(
    bob_client: Client, petition: Petition, before: str, view: str, after: str
) -> None:
    Petition.objects.update(state=before)

    assertContains(bob_client.get(url("organise-petition")), f'action="{url(view)}"')
    assertRedirects(bob_client.post(url(view), BUTTONS[view]), url("organise-petition"))

    petition.refresh_from_db()
    assert petition.state == after


@pytest.mark.parametrize("view", ["open-petition", "resume-petition"])
def test_a_stale_button_changes_nothing_and_says_so(bob_client: Client, petition: Petition, view: str) -> None:
    answer = bob_client.post(url(view))

    assertContains(answer, "The petition has changed in the meantime", status_code=409)


def test_opening_without_a_text_says_what_is_missing(bob_client: Client, petition: Petition) -> None:
    Petition.objects.update(state="draft")
    PetitionText.objects.all().delete()

    answer = bob_client.post(url("open-petition"))

    assertContains(answer, "Publish a text in the main language first", status_code=422)


def test_a_petition_is_not_closed_by_accident(bob_client: Client, petition: Petition) -> None:
    answer = bob_client.post(url("close-petition"))

    assertContains(answer, "Please tick the box", status_code=422)
    petition.refresh_from_db()
    assert petition.state == PetitionState.OPEN


def test_a_pause_needs_a_reason_and_cleans_it(bob_client: Client, petition: Petition) -> None:
    assert bob_client.post(url("pause-petition"), {"reason": ""}).status_code == 422

    bob_client.post(url("pause-petition"), {"reason": "We \u202echeck\x00."})

    petition.refresh_from_db()
    assert petition.pause_reason == "We check."


def test_times_are_those_of_the_petitions_zone(bob_client: Client, petition: Petition) -> None:
    bob_client.post(url("change-closing"), {"closes_at": "2098-07-01T18:00"})

    assert Petition.objects.get().closes_at == datetime(2098, 7, 1, 16, 0, tzinfo=UTC)
    assertContains(bob_client.get(url("organise-petition")), 'value="2098-07-01T18:00"')


@pytest.mark.parametrize(
    "typed", ["tomorrow", "2026-02-30T10:00", "2001-01-01T00:00", "2100-01-01T00:00", "9999-12-31T23:59", "\x00"]
)
def test_a_closing_that_cannot_be_is_refused_and_kept(bob_client: Client, petition: Petition, typed: str) -> None:
    answer = bob_client.post(url("change-closing"), {"closes_at": typed})

    assert answer.status_code == 422
    assert Petition.objects.get().closes_at is None
