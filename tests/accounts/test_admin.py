"""Django's admin behind the site's own login."""

from http import HTTPStatus

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions import create_api_token
from accounts.models import ApiToken, AuditEntry, Membership, Role, Team, User
from tests.factories import NOW, PASSWORD, make_user

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


@pytest.fixture
def operator_client() -> Client:
    user = make_user(email="operator@example.org", is_staff=True, is_superuser=True)
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def test_a_stranger_meets_the_sites_own_login() -> None:
    answer = Client().get(INDEX, follow=True)

    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert Client().get(reverse("admin:login")).headers["Location"].startswith(reverse("account_login"))


def test_a_role_does_not_open_the_admin(bob_client: Client) -> None:
    assert bob_client.get(INDEX, follow=True).status_code == HTTPStatus.FORBIDDEN


def test_an_operator_opens_every_list(operator_client: Client, team: Team, bob: User) -> None:
    for model in (User, Team, Membership, ApiToken, AuditEntry):
        url = reverse(f"admin:accounts_{model._meta.model_name}_changelist")
        assert operator_client.get(url).status_code == HTTPStatus.OK, url
    assert operator_client.get(reverse("admin:accounts_user_change", args=[bob.pk])).status_code == HTTPStatus.OK


def test_the_admin_needs_a_second_factor_too(operator_client: Client, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True

    answer = operator_client.get(INDEX, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("mfa_index")


def test_roles_are_removed_by_the_same_rule_as_on_the_team_page(operator_client: Client, bob: User, mona: User) -> None:
    url = reverse("admin:accounts_membership_changelist")
    chosen = [bob.memberships.get(role=Role.OWNER).pk, mona.memberships.get().pk]

    answer = operator_client.post(url, {"action": "revoke", "_selected_action": chosen}, follow=True)

    assert "keeps at least one owner" in answer.content.decode()
    assert bob.memberships.filter(role=Role.OWNER).exists()
    assert not mona.memberships.exists()
    assert AuditEntry.objects.filter(verb="role.revoked").count() == 1


def test_tokens_are_revoked_by_the_same_action(operator_client: Client, team: Team, bob: User) -> None:
    token = create_api_token(team=team, actor=bob, name="report", now=NOW).token
    url = reverse("admin:accounts_apitoken_changelist")

    operator_client.post(url, {"action": "revoke", "_selected_action": [token.pk]}, follow=True)

    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("name", ["membership", "apitoken", "auditentry", "user"])
def test_rights_are_not_added_by_hand(operator_client: Client, name: str) -> None:
    assert operator_client.get(reverse(f"admin:accounts_{name}_add")).status_code == HTTPStatus.FORBIDDEN


def test_the_admin_has_no_password_form_of_its_own(operator_client: Client) -> None:
    answer = operator_client.get(reverse("admin:password_change"))

    assert answer.headers["Location"] == reverse("account_change_password")


def test_the_admin_shows_neither_second_factors_nor_groups() -> None:
    labels = {model._meta.label_lower for model in admin.site._registry}

    assert not labels & {"mfa.authenticator", "auth.group", "account.emailaddress"}


def test_no_admin_form_shows_a_sealed_column() -> None:
    for model, model_admin in admin.site._registry.items():
        listed = {str(column) for column in model_admin.list_display}
        assert not {name for name in listed if name.endswith(("_sealed", "_digest", "digest"))}, model
