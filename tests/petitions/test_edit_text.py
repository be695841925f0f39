"""The page on which organisers write: every version stays, and nobody covers what they have not read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import Team
from petitions.models import Petition, PetitionText
from tests.factories import NOW, make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep", timezone="Europe/Paris", opens_at=NOW - timedelta(days=1))


def url(view: str, *arguments: str) -> str:
    return reverse(f"petitions:{view}", args=["keep", *arguments])


WORDS = {"title": "A new title", "summary": "A new summary", "body": "Line one\nLine two", "seen_version": "1"}


def test_a_new_version_is_published(bob_client: Client, petition: Petition) -> None:
    assertRedirects(bob_client.post(url("edit-text", "en"), WORDS), url("organise-petition"))

    newest = PetitionText.objects.get(petition=petition, language="en", version=2)
    assert (newest.title, newest.body) == ("A new title", "Line one\nLine two")


def test_whoever_is_slower_sees_the_newer_text_and_keeps_their_own(bob_client: Client, petition: Petition) -> None:
    bob_client.post(url("edit-text", "en"), {**WORDS, "title": "Somebody else's title"})

    answer = bob_client.post(url("edit-text", "en"), {**WORDS, "title": "My own title"})

    assertContains(answer, "Somebody else&#x27;s title", status_code=409)
    assertContains(answer, "My own title", status_code=409)
    assertContains(answer, 'name="seen_version" value="2"', status_code=409)
    assert PetitionText.objects.filter(language="en").count() == 2


@pytest.mark.parametrize("changes", [{"title": ""}, {"title": "x" * 121}, {"body": " \u200b"}, {"seen_version": "x"}])
def test_a_text_without_sense_is_refused_and_kept(
    bob_client: Client, petition: Petition, changes: dict[str, str]
) -> None:
    answer = bob_client.post(url("edit-text", "en"), {**WORDS, "summary": "Kept words", **changes})

    assertContains(answer, "Kept words", status_code=422)
    assert PetitionText.objects.filter(language="en").count() == 1


def test_a_language_that_the_site_does_not_speak_is_not_found(bob_client: Client, petition: Petition) -> None:
    assert bob_client.get(url("edit-text", "tlh")).status_code == 404
