"""The owners' page of members and roles."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, Role, Team, User
from tests.factories import make_membership, make_team, make_user

GRANT = {"email": "nora@example.org", "role": "analyst"}


def test_an_owner_sees_who_holds_which_role(bob_client: Client, mona: User) -> None:
    page = bob_client.get(reverse("accounts:team")).content.decode()

    assert "mona@example.org" in page
    assert "Moderator" in page


def test_an_owner_gives_a_role(bob_client: Client, team: Team) -> None:
    answer = bob_client.post(reverse("accounts:grant-role", args=[team.slug]), GRANT, follow=True)

    assert answer.status_code == HTTPStatus.OK
    assert "nora@example.org" in answer.content.decode()
    assert Membership.objects.filter(user__email="nora@example.org", role=Role.ANALYST).exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "nobody", "role": "analyst"},
        {"email": "a\x00@example.org", "role": "analyst"},
        {"email": "a@example.org", "role": "emperor"},
        {"email": "x" * 300 + "@example.org", "role": "analyst"},
        {},
    ],
)
def test_a_wrong_form_is_given_back_with_what_was_typed(bob_client: Client, team: Team, typed: dict[str, str]) -> None:
    answer = bob_client.post(reverse("accounts:grant-role", args=[team.slug]), typed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "error-summary" in answer.content.decode()
    assert answer.context["form"]["email"].value() == typed.get("email")


def test_an_owner_removes_a_role(bob_client: Client, team: Team, mona: User) -> None:
    held = mona.memberships.get()

    bob_client.post(reverse("accounts:revoke-role", args=[team.slug, held.pk]))

    assert not mona.memberships.exists()


def test_the_page_says_that_the_last_owner_stays(bob_client: Client, team: Team, bob: User) -> None:
    held = bob.memberships.get(role=Role.OWNER)

    answer = bob_client.post(reverse("accounts:revoke-role", args=[team.slug, held.pk]), follow=True)

    assert "keeps at least one owner" in answer.content.decode()
    assert bob.memberships.filter(role=Role.OWNER).exists()


def test_an_owner_who_leaves_the_role_lands_on_their_account(bob_client: Client, team: Team, bob: User) -> None:
    make_membership(team=team, role=Role.OWNER)
    held = bob.memberships.get(role=Role.OWNER)

    answer = bob_client.post(reverse("accounts:revoke-role", args=[team.slug, held.pk]), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("accounts:overview")
    assert answer.status_code == HTTPStatus.OK


def test_a_role_removed_twice_is_no_error(bob_client: Client, team: Team, mona: User) -> None:
    url = reverse("accounts:revoke-role", args=[team.slug, mona.memberships.get().pk])
    bob_client.post(url)

    assert "removed already" in bob_client.post(url, follow=True).content.decode()


def test_an_owner_cannot_reach_into_another_team(bob_client: Client) -> None:
    elsewhere = make_membership(team=make_team(slug="elsewhere"), role=Role.OWNER)

    assert bob_client.get(reverse("accounts:team-of", args=["elsewhere"])).status_code == HTTPStatus.NOT_FOUND
    assert (
        bob_client.post(reverse("accounts:grant-role", args=["elsewhere"]), GRANT).status_code == HTTPStatus.NOT_FOUND
    )
    url = reverse("accounts:revoke-role", args=["elsewhere", elsewhere.pk])
    assert bob_client.post(url).status_code == HTTPStatus.NOT_FOUND


def test_an_owner_of_two_teams_chooses_between_them(bob_client: Client, bob: User) -> None:
    make_membership(user=bob, team=make_team(slug="other", name="The other team"), role=Role.OWNER)

    assert "The other team" in bob_client.get(reverse("accounts:team")).content.decode()
    assert bob_client.get(reverse("accounts:team-of", args=["other"])).context["team"].slug == "other"


@pytest.mark.parametrize("name", ["grant-role", "revoke-role"])
def test_roles_change_by_post_only(bob_client: Client, team: Team, bob: User, name: str) -> None:
    arguments = [team.slug] if name == "grant-role" else [team.slug, bob.memberships.first().pk]  # type: ignore[union-attr]

    assert bob_client.get(reverse(f"accounts:{name}", args=arguments)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_the_team_page_asks_as_often_for_many_members_as_for_few(
    bob_client: Client, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        make_membership(team=team, user=make_user(), role=Role.MODERATOR)

    with django_assert_max_num_queries(9):
        bob_client.get(reverse("accounts:team"))
