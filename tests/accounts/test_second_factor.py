"""A second factor: setting it up, needing it, and what is kept of it."""

from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from tests.accounts.mails import owed_kinds, owed_mail, payload_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def code_for(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return f"{hotp_value(secret, counter):06d}"


def sign_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def prove_again(client: Client) -> None:
    """A lock is changed only by somebody who has just typed the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def set_up_app(client: Client) -> str:
    prove_again(client)
    secret: str = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert answer.status_code == HTTPStatus.FOUND
    return secret


def test_an_authenticator_app_is_set_up_with_a_picture_and_a_code(mona: User) -> None:
    client = sign_in(mona)
    prove_again(client)

    page = client.get(reverse("mfa_activate_totp")).content.decode()
    set_up_app(client)

    assert 'src="data:image/svg+xml' in page
    assert Authenticator.objects.filter(user=mona, type="totp").count() == 1


def test_a_wrong_code_sets_up_nothing(mona: User) -> None:
    client = sign_in(mona)
    prove_again(client)
    client.get(reverse("mfa_activate_totp"))

    answer = client.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert "not right" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_secret_of_the_app_is_sealed_in_the_table(mona: User) -> None:
    secret = set_up_app(sign_in(mona))

    kept = Authenticator.objects.get(user=mona, type="totp")
    assert secret not in str(kept.data)
    assert isinstance(kept.wrap(), TOTP)


def test_recovery_codes_are_shown_and_their_seed_is_sealed(mona: User) -> None:
    client = sign_in(mona)
    set_up_app(client)

    page = client.get(reverse("mfa_view_recovery_codes"))

    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert codes[0] in page.content.decode()
    assert codes[0] not in str(Authenticator.objects.get(user=mona, type="recovery_codes").data)


def test_the_owner_is_told_of_the_new_lock(
    mona: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(sign_in(mona))

    changes = [kind for kind in owed_kinds() if kind == "account_changed"]
    assert changes
    assert payload_of(owed_mail("account_changed")).recipient == mona.email


def test_the_password_alone_does_not_sign_in_any_more(mona: User) -> None:
    set_up_app(sign_in(mona))

    client = sign_in(mona)

    assert client.get(reverse("accounts:overview")).status_code == HTTPStatus.FOUND


def test_a_recovery_code_opens_once(mona: User) -> None:
    client = sign_in(mona)
    set_up_app(client)
    code = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]

    for expected in (HTTPStatus.OK, HTTPStatus.FOUND):
        newcomer = sign_in(mona)
        newcomer.post(reverse("mfa_authenticate"), {"code": code})
        assert newcomer.get(reverse("accounts:overview")).status_code == expected


def test_staff_without_a_second_factor_are_sent_to_set_one_up(bob: User, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True

    answer = sign_in(bob).get(reverse("accounts:team"), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("mfa_index")
    assert "Your role needs a second factor" in answer.content.decode()


def test_staff_with_a_second_factor_go_on(bob: User, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True
    client = sign_in(bob)
    set_up_app(client)

    assert client.get(reverse("accounts:team")).status_code == HTTPStatus.OK


def test_the_wrong_role_learns_nothing_of_second_factors(mona: User, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True

    assert sign_in(mona).get(reverse("accounts:team")).status_code == HTTPStatus.FORBIDDEN


def test_the_demonstration_explains_and_lets_staff_go_on(bob: User) -> None:
    client = sign_in(bob)

    assert client.get(reverse("accounts:team")).status_code == HTTPStatus.OK
    assert "On a real site" in client.get(reverse("accounts:overview")).content.decode()


def test_every_page_of_the_second_factor_answers(mona: User) -> None:
    client = sign_in(mona)
    set_up_app(client)
    names = [
        "mfa_index",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "account_reauthenticate",
        "account_email",
        "account_change_password",
        "account_logout",
    ]

    statuses = {name: client.get(reverse(name)).status_code for name in names}

    assert set(statuses.values()) == {HTTPStatus.OK}, statuses


def test_a_lock_changes_only_after_asking_again_who_is_there(mona: User) -> None:
    answer = sign_in(mona).get(reverse("mfa_activate_totp"))

    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
