"""The ways in: password, code, and what a stranger may learn from them."""

import re
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import User
from outbox.models import OutgoingMessage
from tests.accounts.mails import owed_kinds, owed_mail, payload_of
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
UNKNOWN = "nobody@example.org"


@pytest.fixture
def client() -> Client:
    return Client()


def sign_in(client: Client, email: str = "charlie@example.org", password: str = PASSWORD, **extra: str) -> int:
    form = {"login": email, "password": password, **extra}
    return client.post(reverse("account_login"), form).status_code


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:overview")).status_code == HTTPStatus.OK


def without_what_varies(page: bytes, *addresses: str) -> str:
    """The page as a stranger compares it: without the form's token and without what they typed themselves."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())
    for address in addresses:
        text = text.replace(address, "")
    return text


def test_a_password_signs_in(client: Client, charlie: User) -> None:
    assert sign_in(client) == HTTPStatus.FOUND

    assert is_signed_in(client)


def test_a_wrong_password_does_not(client: Client, charlie: User) -> None:
    answer = client.post(reverse("account_login"), {"login": charlie.email, "password": "wrong"})

    assert "do not belong together" in answer.content.decode()
    assert charlie.email in answer.content.decode()  # what was typed is kept
    assert not is_signed_in(client)


def test_a_closed_account_does_not_open(client: Client) -> None:
    make_user(email="closed@example.org", is_active=False)

    sign_in(client, "closed@example.org")

    assert not is_signed_in(client)


def test_signing_in_returns_to_the_page_that_was_asked_for(client: Client, charlie: User) -> None:
    wanted = reverse("account_email")

    answer = client.post(reverse("account_login"), {"login": charlie.email, "password": PASSWORD, "next": wanted})

    assert answer.headers["Location"] == wanted


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_off_the_site(client: Client, charlie: User, target: str) -> None:
    answer = client.post(reverse("account_login"), {"login": charlie.email, "password": PASSWORD, "next": target})

    assert answer.headers["Location"] == reverse("accounts:overview")


def test_a_mailed_code_signs_in(client: Client, charlie: User) -> None:
    client.post(reverse("account_request_login_code"), {"email": charlie.email})
    code = payload_of(owed_mail("account_login_code")).context["code"]

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert is_signed_in(client)


def test_a_wrong_code_does_not(client: Client, charlie: User) -> None:
    client.post(reverse("account_request_login_code"), {"email": charlie.email})

    answer = client.post(reverse("account_confirm_login_code"), {"code": "AAAAAA"})

    assert "not right" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_code_is_guessed_three_times_at_most(client: Client, charlie: User) -> None:
    client.post(reverse("account_request_login_code"), {"email": charlie.email})
    code = payload_of(owed_mail("account_login_code")).context["code"]
    for _ in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "AAAAAA"})

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert not is_signed_in(client)


def test_a_new_person_signs_up_and_confirms_by_code(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.org", "password1": PASSWORD})
    assert not is_signed_in(client)

    code = payload_of(owed_mail("account_verify_email")).context["code"]
    client.post(reverse("account_email_verification_sent"), {"code": code})

    assert is_signed_in(client)
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_an_account_made_in_french_gets_french_mail(client: Client) -> None:
    with override("fr"):
        url = reverse("account_signup")

    client.post(url, {"email": "nouvelle@example.org", "password1": PASSWORD})

    assert User.objects.get(email="nouvelle@example.org").language == "fr"
    assert owed_mail().language == "fr"


def test_mail_speaks_the_language_of_its_reader_not_of_the_page(client: Client) -> None:
    make_user(email="luc@example.org", language="fr")

    client.post(reverse("account_request_login_code"), {"email": "luc@example.org"})

    assert owed_mail("account_login_code").language == "fr"


def test_a_forgotten_password_is_replaced_by_link(client: Client, charlie: User) -> None:
    client.post(reverse("account_reset_password"), {"email": charlie.email})
    link = payload_of(owed_mail("account_password_reset")).context["reset_url"]
    path = "/" + link.split("/", 3)[3]

    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another-good-one", "password2": "another-good-one"})

    assert sign_in(client, password="another-good-one") == HTTPStatus.FOUND
    assert owed_kinds()[-1] == "account_changed"
    used_again = Client().get(path, follow=True)
    assert "not valid any more" in used_again.content.decode()


def test_signing_up_tells_nobody_who_has_an_account(charlie: User) -> None:
    pages = []
    for address in (charlie.email, UNKNOWN):
        client = Client()
        answer = client.post(reverse("account_signup"), {"email": address, "password1": PASSWORD})
        page = client.get(answer.headers["Location"])
        varying = (address, answer.headers["Location"])
        pages.append((answer.status_code, answer.headers["Location"], without_what_varies(page.content, *varying)))

    assert pages[0] == pages[1]
    assert owed_kinds() == ["account_exists", "account_verify_email"]


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("account_reset_password", ["account_password_reset", "account_unknown"]),
        ("account_request_login_code", ["account_login_code", "account_unknown"]),
    ],
)
def test_asking_for_a_way_in_tells_nobody_who_has_an_account(charlie: User, page: str, kinds: list[str]) -> None:
    answers = []
    for address in (charlie.email, UNKNOWN):
        client = Client()
        answer = client.post(reverse(page), {"email": address})
        shown = client.get(answer.headers["Location"])
        text = without_what_varies(shown.content, address)
        answers.append((answer.status_code, answer.headers["Location"], shown.status_code, text))

    assert answers[0] == answers[1]
    assert owed_kinds() == kinds


def test_a_wrong_password_tells_nobody_who_has_an_account(charlie: User) -> None:
    pages = []
    for address in (charlie.email, UNKNOWN):
        answer = Client().post(reverse("account_login"), {"login": address, "password": "wrong"})
        pages.append((answer.status_code, without_what_varies(answer.content, address)))

    assert pages[0] == pages[1]


def test_guessing_passwords_is_slowed_down(client: Client, charlie: User) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")

    answer = client.post(reverse("account_login"), {"login": charlie.email, "password": PASSWORD})

    assert "Too many attempts" in answer.content.decode()
    assert not is_signed_in(client)


def test_asking_for_codes_without_end_is_refused_with_a_page(client: Client, charlie: User) -> None:
    answers = [
        client.post(reverse("account_request_login_code"), {"email": charlie.email}).status_code for _ in range(5)
    ]

    assert OutgoingMessage.objects.count() <= 3
    assert HTTPStatus.INTERNAL_SERVER_ERROR not in answers


def test_too_many_tries_from_one_connection_get_the_429_page(client: Client) -> None:
    answers = [
        client.post(reverse("account_login"), {"login": f"u{n}@example.org", "password": "x"}) for n in range(31)
    ]

    assert answers[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "too often" in answers[-1].content.decode()


def test_people_sign_in_while_valkey_is_away(client: Client, charlie: User, settings: Settings) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}
    settings.CACHES = {"default": away}

    assert sign_in(client) == HTTPStatus.FOUND
    assert is_signed_in(client)

    client.post(reverse("account_logout"))
    client.post(reverse("account_request_login_code"), {"email": charlie.email})
    code = payload_of(owed_mail("account_login_code")).context["code"]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_signed_in(client)


def test_signing_out_takes_a_post(client: Client, charlie: User) -> None:
    sign_in(client)

    client.get(reverse("account_logout"))
    assert is_signed_in(client)

    answer = client.post(reverse("account_logout"), follow=True)
    assert "You are signed out." in answer.content.decode()
    assert not is_signed_in(client)


def test_no_way_in_opens_smtp_itself(client: Client, charlie: User) -> None:
    client.post(reverse("account_request_login_code"), {"email": charlie.email})
    client.post(reverse("account_reset_password"), {"email": UNKNOWN})

    assert mail.outbox == []
    assert len(owed_kinds()) == 2


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_request_login_code", "account_reset_password"]
)
@pytest.mark.parametrize(
    "typed", ["a\x00b", "\ud7ff" * 200, "<script>alert(1)</script>", "=1+1", "\u202eevil", "x" * 5000, ""]
)
def test_what_cannot_be_an_address_is_answered_by_a_page(client: Client, name: str, typed: str) -> None:
    form = {"login": typed, "email": typed, "password": typed, "password1": typed}

    answer = client.post(reverse(name), form)

    assert answer.status_code in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)
    assert "<script>alert" not in answer.content.decode()


def test_the_demo_accounts_are_shown_in_development_only(client: Client, settings: Settings) -> None:
    assert "bob-organises" in client.get(reverse("account_login")).content.decode()

    settings.DEVELOPMENT = False
    assert "bob-organises" not in client.get(reverse("account_login")).content.decode()
