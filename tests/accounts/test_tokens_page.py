"""The page of a team's API tokens."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Team
from tests.factories import NOW, make_team


def test_a_new_token_is_shown_once(bob_client: Client, team: Team) -> None:
    answer = bob_client.post(reverse("accounts:tokens-of", args=[team.slug]), {"name": "weekly report"})

    assert answer.status_code == HTTPStatus.OK
    assert "k4o_" in answer.content.decode()
    assert answer.headers["Cache-Control"].count("no-store") == 1
    page = bob_client.get(reverse("accounts:tokens")).content.decode()
    assert "weekly report" in page
    assert "k4o_" not in page


@pytest.mark.parametrize("name", ["", "   ", "\u202e", "n" * 81])
def test_a_token_needs_a_readable_name(bob_client: Client, team: Team, name: str) -> None:
    answer = bob_client.post(reverse("accounts:tokens-of", args=[team.slug]), {"name": name})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked(bob_client: Client, team: Team) -> None:
    bob_client.post(reverse("accounts:tokens-of", args=[team.slug]), {"name": "weekly report"})
    token = ApiToken.objects.get()

    answer = bob_client.post(reverse("accounts:revoke-token", args=[team.slug, token.pk]), follow=True)

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Revoked" in answer.content.decode()


def test_the_token_of_another_team_is_not_found(bob_client: Client, bob: object, team: Team) -> None:
    other = make_team()
    token = ApiToken.objects.create(team=other, name="theirs", digest=b"x" * 32, created_by=bob, created_at=NOW)  # type: ignore[misc]

    for slug in (team.slug, other.slug):
        url = reverse("accounts:revoke-token", args=[slug, token.pk])
        assert bob_client.post(url).status_code == HTTPStatus.NOT_FOUND


def test_a_token_is_revoked_by_post_only(bob_client: Client, team: Team) -> None:
    answer = bob_client.get(reverse("accounts:revoke-token", args=[team.slug, 1]))

    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
