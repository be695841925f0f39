"""Whoever types somebody else's address first gains nothing by it: the account is its owner's, once they prove it."""

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions import claim_account, claim_account_elsewhere
from accounts.models import User
from tests.accounts.mails import owed_mail, payload_of
from tests.factories import PASSWORD, make_user
from tests.openid import OpenIdProvider, running_provider, sign_in_elsewhere

pytestmark = pytest.mark.django_db
OWNER = "owner@example.org"
STRANGERS_PASSWORD = "strangers-own-long-password"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: OpenIdProvider, settings: Settings) -> OpenIdProvider:
    running.offer(settings)
    running.knows("owner", email=OWNER, email_verified=True)
    running.knows("stranger", name="Somebody")
    return running


@pytest.fixture
def stranger() -> Client:
    """A browser in which somebody has signed up with the owner's address, and waits."""
    client = Client()
    client.post(reverse("account_signup"), {"email": OWNER, "password1": STRANGERS_PASSWORD})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:overview")).status_code == 200


def opens(password: str) -> bool:
    """Whether a password opens the owner's account, were its address confirmed or not."""
    return User.objects.get(email=OWNER).check_password(password)


def sign_in_by_code(client: Client, email: str = OWNER) -> None:
    client.post(reverse("account_request_login_code"), {"email": email})
    code = payload_of(owed_mail("account_login_code")).context["code"]
    client.post(reverse("account_confirm_login_code"), {"code": code})


def test_a_strangers_password_is_gone_once_the_owner_signs_in_by_code(stranger: Client) -> None:
    assert opens(STRANGERS_PASSWORD)
    owner = Client()

    sign_in_by_code(owner)

    assert "opens your account no more" in owner.get(reverse("accounts:overview")).content.decode()
    assert is_signed_in(owner)  # the session outlives the change of the password
    stranger.post(reverse("account_login"), {"login": OWNER, "password": STRANGERS_PASSWORD})
    assert not is_signed_in(stranger)
    assert not opens(STRANGERS_PASSWORD)


def test_a_strangers_password_is_gone_once_the_owner_comes_by_an_account_elsewhere(
    stranger: Client, provider: OpenIdProvider
) -> None:
    owner = Client()

    sign_in_elsewhere(owner, "owner")

    assert is_signed_in(owner)
    assert EmailAddress.objects.get(email=OWNER).verified
    stranger.post(reverse("account_login"), {"login": OWNER, "password": STRANGERS_PASSWORD})
    assert not is_signed_in(stranger)
    assert not opens(STRANGERS_PASSWORD)


def test_a_strangers_waiting_browser_comes_no_further(stranger: Client) -> None:
    owner = Client()
    sign_in_by_code(owner)

    waiting = reverse("account_email_verification_sent")
    for form in ({"action": "change", "email": "stranger@example.org"}, {"action": "resend"}, {"code": "AAAAAA"}):
        stranger.post(waiting, form)
        stranger.get(waiting)

    assert not is_signed_in(stranger)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [OWNER]


def test_a_strangers_account_elsewhere_is_taken_off_by_the_owners_code(provider: OpenIdProvider) -> None:
    stranger, owner = Client(), Client()
    form = sign_in_elsewhere(stranger, "stranger").headers["Location"]
    stranger.post(form, {"email": OWNER})
    assert SocialAccount.objects.count() == 1

    sign_in_by_code(owner)

    assert not SocialAccount.objects.exists()
    sign_in_elsewhere(stranger, "stranger")
    assert not is_signed_in(stranger)


def test_a_strangers_account_elsewhere_is_taken_off_by_a_new_password(provider: OpenIdProvider) -> None:
    stranger, owner = Client(), Client()
    form = sign_in_elsewhere(stranger, "stranger").headers["Location"]
    stranger.post(form, {"email": OWNER})

    owner.post(reverse("account_reset_password"), {"email": OWNER})
    link = payload_of(owed_mail("account_password_reset")).context["reset_url"]
    page = owner.get("/" + link.split("/", 3)[3], follow=True)
    owner.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})

    assert opens(PASSWORD)
    assert not SocialAccount.objects.exists()


def test_who_confirms_in_their_own_browser_keeps_what_they_set_up() -> None:
    client = Client()
    client.post(reverse("account_signup"), {"email": OWNER, "password1": PASSWORD})

    code = payload_of(owed_mail("account_verify_email")).context["code"]
    client.post(reverse("account_email_verification_sent"), {"code": code})

    assert is_signed_in(client)
    assert opens(PASSWORD)


def test_a_confirmed_accounts_password_survives_every_other_way_in(provider: OpenIdProvider) -> None:
    make_user(email=OWNER)

    sign_in_by_code(Client())
    sign_in_elsewhere(Client(), "owner")

    assert opens(PASSWORD)
    assert SocialAccount.objects.count() == 1


def test_claiming_a_confirmed_account_takes_nothing() -> None:
    user = make_user(email=OWNER)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})

    assert not claim_account(user=user)

    assert Authenticator.objects.filter(user=user).exists()
    assert opens(PASSWORD)


def test_claiming_twice_is_claiming_once() -> None:
    user = make_user(email=OWNER, verified=False)

    assert claim_account(user=user)
    assert not claim_account(user=user)


def test_only_an_account_that_nobody_has_proved_is_claimed_from_elsewhere() -> None:
    make_user(email=OWNER)
    make_user(email="closed@example.org", verified=False, is_active=False)

    for address in (OWNER, "closed@example.org", "unknown@example.org"):
        assert claim_account_elsewhere(email=address) is None


def test_an_account_with_another_confirmed_address_is_not_claimed_from_elsewhere() -> None:
    user = make_user(email=OWNER, verified=False)
    EmailAddress.objects.create(user=user, email="second@example.org", verified=True)

    assert claim_account_elsewhere(email=OWNER) is None
    assert opens(PASSWORD)
