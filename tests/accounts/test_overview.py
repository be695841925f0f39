"""A signed-in person's own page."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_stranger_is_asked_to_sign_in() -> None:
    answer = Client().get(reverse("accounts:overview"))

    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_the_navigation_shows_only_what_the_roles_open(mona_client: Client, charlie_client: Client) -> None:
    moderator = mona_client.get(reverse("accounts:overview")).content.decode()
    outsider = charlie_client.get(reverse("accounts:overview")).content.decode()

    assert "/moderate/" in moderator
    assert "/organise/" not in moderator
    assert "/moderate/" not in outsider
    assert "/organise/" not in outsider


def test_the_page_names_what_the_owner_may_open(bob_client: Client) -> None:
    page = bob_client.get(reverse("accounts:overview")).content.decode()

    for path in ("/en/organise/", "/en/moderate/", "/en/organise/team/", "/en/organise/tokens/"):
        assert f'href="{path}"' in page


def test_a_profile_is_saved(charlie_client: Client, charlie: User) -> None:
    url = reverse("accounts:overview")

    answer = charlie_client.post(url, {"display_name": " Charlie\u200b  C. ", "language": "fr"}, follow=True)

    charlie.refresh_from_db()
    assert (charlie.display_name, charlie.language) == ("Charlie C.", "fr")
    assert "saved" in answer.content.decode()


@pytest.mark.parametrize("typed", [{"language": "xx"}, {"display_name": "n" * 81, "language": "en"}, {}])
def test_a_wrong_profile_is_given_back(charlie_client: Client, typed: dict[str, str]) -> None:
    answer = charlie_client.post(reverse("accounts:overview"), typed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_page_is_never_kept(charlie_client: Client) -> None:
    answer = charlie_client.get(reverse("accounts:overview"))

    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.content.decode()


def test_the_page_takes_no_other_method(charlie_client: Client) -> None:
    assert charlie_client.delete(reverse("accounts:overview")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
