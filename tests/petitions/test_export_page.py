"""The organisers' export page: its preview is the file that it links to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team
from petitions.actions.tally import fold_tally
from petitions.models import Petition
from tests.factories import NOW, make_petition, make_signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", timezone="Europe/Paris", opens_at=NOW - timedelta(days=1))


def url(view: str, *arguments: str) -> str:
    return reverse(f"petitions:{view}", args=["keep", *arguments])


def test_the_preview_shows_what_the_file_holds(bob_client: Client, petition: Petition) -> None:
    make_signature(petition=petition, verified_at=NOW)
    fold_tally(petition_id=petition.pk, now=NOW)

    page = bob_client.get(url("export-counts"), {"by": "hour", "tz": "Asia/Tokyo"})
    file = bob_client.get(f"{page.context['download_url']}&format=csv")

    assert page.context["preview"] == [("2026-03-02T21:00+09:00", "2026-03-02T21:00:00+09:00", 1)]
    assert file.content.decode().splitlines()[1] == "2026-03-02T21:00+09:00,2026-03-02T21:00:00+09:00,1"


def test_the_export_begins_with_days_of_the_petitions_own_zone(bob_client: Client, petition: Petition) -> None:
    form = bob_client.get(url("export-counts")).context["form"]

    assert (form["by"].value(), form["tz"].value()) == ("day", "Europe/Paris")


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "decade"},
        {"tz": "Mars/Phobos"},
        {"from": "soon"},
        {"from": "2026-02-14", "to": "2026-02-13"},
        {"by": "hour", "from": "2000-01-01", "to": "2099-12-31"},
    ],
)
def test_an_export_without_sense_is_refused_with_the_form(
    bob_client: Client, petition: Petition, asked: dict[str, str]
) -> None:
    answer = bob_client.get(url("export-counts"), asked)

    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_the_figures_of_a_draft_are_not_offered_as_a_file(bob_client: Client, petition: Petition) -> None:
    Petition.objects.update(state="draft")

    answer = bob_client.get(url("export-counts"))

    assert answer.status_code == 200
    assert "Download" not in answer.content.decode()
