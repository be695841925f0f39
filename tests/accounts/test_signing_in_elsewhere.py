"""Signing in by an account elsewhere: a real OpenID provider, over HTTP."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import User
from tests.accounts.mails import owed_kinds, owed_mail, payload_of
from tests.factories import make_user
from tests.openid import (
    PROVIDER_ID,
    OpenIdProvider,
    come_back,
    consent,
    leave_for_provider,
    refuse,
    running_provider,
    sign_in_elsewhere,
)

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: OpenIdProvider, settings: Settings) -> OpenIdProvider:
    running.offer(settings)
    return running


@pytest.fixture
def client() -> Client:
    return Client()


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:overview")).status_code == HTTPStatus.OK


def signed_in_user(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


# --- The way in -----------------------------------------------------------------------------------------------------
def test_a_new_person_signs_up_without_a_mail(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada", email=ADA, email_verified=True, name="Ada Lovelace", picture="https://x.example/ada.png")

    answer = sign_in_elsewhere(client, "ada")

    assert answer.headers["Location"] == reverse("accounts:overview")
    assert is_signed_in(client)
    assert EmailAddress.objects.get(email=ADA).verified
    assert owed_kinds() == []


def test_who_has_signed_up_signs_in_again(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada", email=ADA, email_verified=True)
    sign_in_elsewhere(Client(), "ada")

    sign_in_elsewhere(client, "ada")

    assert signed_in_user(client).email == ADA
    assert User.objects.count() == 1


def test_the_visitor_returns_to_the_page_and_language_they_left(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada", email=ADA, email_verified=True)
    with override("fr"):
        wanted = reverse("account_email")

    answer = sign_in_elsewhere(client, "ada", language="fr", next_url=wanted)

    assert answer.headers["Location"] == wanted
    assert signed_in_user(client).language == "fr"


def test_signing_in_elsewhere_never_leads_off_the_site(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada", email=ADA, email_verified=True)

    answer = sign_in_elsewhere(client, "ada", next_url="https://evil.example/")

    assert answer.headers["Location"] == reverse("accounts:overview")


def test_the_provider_is_told_one_address_in_every_language(client: Client, provider: OpenIdProvider) -> None:
    pages = [leave_for_provider(client, language=language) for language in ("en", "fr")]

    assert all(
        "redirect_uri=http%3A%2F%2Ftestserver%2Faccounts%2Foidc%2Fexample%2Flogin%2Fcallback%2F" in page
        for page in pages
    )
    assert all("code_challenge=" in page for page in pages)


def test_nothing_of_the_profile_is_kept(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada-1815", email=ADA, email_verified=True, name="Ada Lovelace", preferred_username="adalove")

    sign_in_elsewhere(client, "ada-1815")

    account = SocialAccount.objects.get()
    session = json.dumps(client.session.load())
    kept = f"{account.uid} {account.extra_data} {account.user.display_name} {session}"
    assert not [word for word in ("ada-1815", "Lovelace", "adalove") if word in kept]
    assert account.extra_data == {}
    assert not SocialToken.objects.exists()


def test_a_plain_link_signs_nobody_in(client: Client, provider: OpenIdProvider) -> None:
    page = client.get(reverse("openid_connect_login", args=[PROVIDER_ID]) + "?language=fr")

    assert page.status_code == HTTPStatus.OK
    assert 'method="post"' in page.content.decode()


def test_a_post_from_another_site_is_refused(provider: OpenIdProvider) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(reverse("openid_connect_login", args=[PROVIDER_ID])).status_code == HTTPStatus.FORBIDDEN


# --- What goes wrong ------------------------------------------------------------------------------------------------
def test_whoever_cancels_stays_a_stranger(client: Client, provider: OpenIdProvider) -> None:
    answer = come_back(client, refuse(leave_for_provider(client, language="fr")))
    page = client.get(answer.headers["Location"])

    assert answer.headers["Location"].startswith("/fr/")
    assert page.status_code == HTTPStatus.OK
    assert not is_signed_in(client)


def test_an_answer_nobody_asked_for_signs_nobody_in(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("mallory", email="mallory@example.org", email_verified=True)
    answer_for_mallory = consent(leave_for_provider(Client()), "mallory")

    page = come_back(client, answer_for_mallory)

    assert page.status_code == HTTPStatus.UNAUTHORIZED
    assert "did not work" in page.content.decode()
    assert not is_signed_in(client)


def test_an_answer_is_good_once(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada", email=ADA, email_verified=True)
    answer = consent(leave_for_provider(client), "ada")
    come_back(client, answer)
    client.post(reverse("account_logout"))

    assert come_back(client, answer).status_code == HTTPStatus.UNAUTHORIZED
    assert not is_signed_in(client)


def test_a_code_the_provider_does_not_know_is_explained(client: Client, provider: OpenIdProvider) -> None:
    answer = consent(leave_for_provider(client), "ada")

    page = come_back(client, answer.replace("code=", "code=x"))

    assert page.status_code == HTTPStatus.UNAUTHORIZED
    assert "start again" in page.content.decode()


@pytest.mark.parametrize(
    "address", ["", "?code=x", "?state=fr.x", "?error=access_denied", "?code=x&state=%00", "?state=xx.y"]
)
def test_any_nonsense_on_the_way_back_is_a_page(client: Client, provider: OpenIdProvider, address: str) -> None:
    page = client.get(reverse("openid_connect_callback", args=[PROVIDER_ID]) + address)

    assert page.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_REQUEST)


def test_a_provider_that_is_away_is_explained(client: Client, settings: Settings) -> None:
    OpenIdProvider(url="http://127.0.0.1:9").offer(settings)

    page = client.post(reverse("openid_connect_login", args=[PROVIDER_ID]) + "?language=en")

    assert page.status_code == HTTPStatus.BAD_GATEWAY
    assert "did not work" in page.content.decode()


def test_a_provider_that_is_not_set_up_is_not_there(client: Client, provider: OpenIdProvider) -> None:
    for view in ("openid_connect_login", "openid_connect_callback"):
        assert client.get(reverse(view, args=["other"])).status_code == HTTPStatus.NOT_FOUND


# --- Whose account is it --------------------------------------------------------------------------------------------
def test_an_address_proved_on_both_sides_opens_the_account(client: Client, provider: OpenIdProvider) -> None:
    owner = make_user(email=ADA)
    provider.knows("ada", email="Ada@Example.org", email_verified=True)

    sign_in_elsewhere(client, "ada")

    assert signed_in_user(client) == owner
    owner.refresh_from_db()
    assert owner.has_usable_password()
    assert owed_kinds() == ["account_changed"]  # the owner is told that there is another key now


@pytest.mark.parametrize("verified", [False, "false", "true", None, 1])
def test_an_address_the_provider_has_not_seen_proved_opens_nothing(
    client: Client, provider: OpenIdProvider, verified: object
) -> None:
    make_user(email=ADA)
    provider.knows("mallory", email=ADA, email_verified=verified)

    answer = sign_in_elsewhere(client, "mallory")

    assert answer.status_code == HTTPStatus.FOUND
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert owed_kinds() == ["account_exists"]


def test_an_address_the_provider_has_not_seen_proved_is_proved_by_our_mail(
    client: Client, provider: OpenIdProvider
) -> None:
    provider.knows("ada", email=ADA, email_verified=False)

    sign_in_elsewhere(client, "ada")
    assert not is_signed_in(client)

    code = payload_of(owed_mail("account_verify_email")).context["code"]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert is_signed_in(client)
    assert EmailAddress.objects.get(email=ADA).verified


def test_who_brings_no_address_is_asked_for_one_and_proves_it(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("nameless", name="Nobody")

    answer = sign_in_elsewhere(client, "nameless", language="fr")
    assert answer.headers["Location"] == "/fr/accounts/3rdparty/signup/"
    assert "token" not in json.dumps(client.session["socialaccount_sociallogin"])
    client.post(answer.headers["Location"], {"email": ADA})
    assert not is_signed_in(client)

    code = payload_of(owed_mail("account_verify_email")).context["code"]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert signed_in_user(client).email == ADA
    assert not signed_in_user(client).has_usable_password()


def test_typing_the_address_of_somebody_else_tells_nothing_about_it(provider: OpenIdProvider) -> None:
    make_user(email="known@example.org")
    answers = []
    for number, address in enumerate(("known@example.org", "unknown@example.org")):
        client = Client()
        provider.knows(f"nameless-{number}", name="Nobody")
        answer = client.post(sign_in_elsewhere(client, f"nameless-{number}").headers["Location"], {"email": address})
        answers.append((answer.status_code, answer.headers["Location"]))

    assert answers[0] == answers[1]
    assert owed_kinds() == ["account_exists", "account_verify_email"]


def test_a_bad_address_is_kept_and_explained(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("nameless", name="Nobody")
    form = sign_in_elsewhere(client, "nameless").headers["Location"]

    page = client.post(form, {"email": "no address"})

    assert "no address" in page.content.decode()
    assert not User.objects.exists()


def test_staff_still_need_their_second_factor(client: Client, provider: OpenIdProvider, bob: User) -> None:
    TOTP.activate(bob, generate_totp_secret())
    provider.knows("bob", email=bob.email, email_verified=True)

    answer = sign_in_elsewhere(client, "bob")

    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_a_closed_account_stays_closed(client: Client, provider: OpenIdProvider) -> None:
    make_user(email=ADA, is_active=False)
    provider.knows("ada", email=ADA, email_verified=True)

    sign_in_elsewhere(client, "ada")

    assert not is_signed_in(client)


# --- One's own accounts elsewhere -----------------------------------------------------------------------------------
def test_an_account_elsewhere_is_added_and_removed(client: Client, provider: OpenIdProvider, charlie: User) -> None:
    client.force_login(charlie)
    provider.knows("charles", email="other@example.org", email_verified=True)
    page = reverse("socialaccount_connections")

    sign_in_elsewhere(client, "charles", process="connect", next_url=page)
    added = SocialAccount.objects.get(user=charlie)
    assert re.search(r'type="radio"[^>]*>\s*<span>Example ID</span>', client.get(page).content.decode())

    client.post(page, {"account": added.pk})
    assert not SocialAccount.objects.exists()
    assert owed_kinds() == ["account_changed", "account_changed"]


def test_an_account_elsewhere_that_is_taken_is_not_moved(
    client: Client, provider: OpenIdProvider, charlie: User
) -> None:
    provider.knows("ada", email=ADA, email_verified=True)
    sign_in_elsewhere(Client(), "ada")
    client.force_login(charlie)

    sign_in_elsewhere(client, "ada", process="connect")

    assert SocialAccount.objects.get().user.email == ADA
    assert "another account of this site" in client.get(reverse("socialaccount_connections")).content.decode()


def test_adding_an_account_claims_no_other_one(client: Client, provider: OpenIdProvider, charlie: User) -> None:
    squatted = make_user(email=ADA, verified=False)
    provider.knows("ada", email=ADA, email_verified=True)
    client.force_login(charlie)

    sign_in_elsewhere(client, "ada", process="connect")

    squatted.refresh_from_db()
    assert squatted.has_usable_password()
    assert SocialAccount.objects.get().user == charlie


def test_an_account_of_a_provider_that_is_gone_breaks_no_page(
    client: Client, provider: OpenIdProvider, charlie: User
) -> None:
    account = SocialAccount.objects.create(user=charlie, provider="google", uid="x", extra_data={})
    client.force_login(charlie)
    page = reverse("socialaccount_connections")

    assert client.get(page).status_code == HTTPStatus.OK
    assert client.post(page, {"account": account.pk}).status_code == HTTPStatus.OK
    assert client.get(page, headers={"X-Requested-With": "XMLHttpRequest"}).status_code == HTTPStatus.OK


# --- The pages ------------------------------------------------------------------------------------------------------
def test_buttons_stand_where_a_provider_is_set_up_and_nowhere_else(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    assert "Go on with Example ID" in client.get(reverse("account_login")).content.decode()
    assert "Go on with Example ID" in client.get(reverse("account_signup")).content.decode()

    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Go on with" not in client.get(reverse("account_login")).content.decode()


def test_only_the_sign_in_pages_lead_to_a_provider(client: Client, provider: OpenIdProvider) -> None:
    leads = {
        name: provider.url in client.get(reverse(name)).headers["Content-Security-Policy"]
        for name in ("account_login", "account_signup", "home", "account_reset_password", "petitions:petition-list")
    }

    assert [name for name, does in leads.items() if does] == ["account_login", "account_signup"]


def test_sessions_of_signed_in_people_name_no_account_elsewhere(client: Client, provider: OpenIdProvider) -> None:
    provider.knows("ada-1815", email=ADA, email_verified=True)
    sign_in_elsewhere(client, "ada-1815")

    assert not [row for row in Session.objects.all() if "ada-1815" in json.dumps(row.get_decoded())]
