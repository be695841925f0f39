"""Valkey is away: whoever asked for a code to sign in enters it to the end, and wrong codes are still refused."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from outbox.models import OutgoingMessage
from tests.factories import PASSWORD, make_user
from tests.web_forms import WebForm, forms_of

pytestmark = pytest.mark.django_db
CODE_PAGE = "/en/accounts/login/code/"


@pytest.fixture(autouse=True)
def _no_valkey(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}


@pytest.fixture
def alice_with_account() -> User:
    return make_user(email="alice@example.org")


def form_with(client: Client, path: str, field: str) -> WebForm:
    page = client.get(path).text
    return next(form for form in forms_of(page, page_path=path) if field in form.fields)


@pytest.mark.usefixtures("alice_with_account")
def test_a_mailed_code_signs_in(client: Client) -> None:
    asked = form_with(client, CODE_PAGE, "email")
    sent = client.post(asked.path, {**asked.fields, "email": "alice@example.org"})
    code = str(OutgoingMessage.objects.get(kind="account_login_code").payload().context["code"])

    confirm = form_with(client, sent.headers["Location"], "code")
    wrong = client.post(confirm.path, {**confirm.fields, "code": "WRONG1"})
    right = client.post(confirm.path, {**confirm.fields, "code": code})

    assert (sent.status_code, wrong.status_code, right.status_code) == (302, 200, 302)
    assert client.get("/en/accounts/").status_code == 200


@pytest.mark.usefixtures("alice_with_account")
def test_a_password_signs_in_and_a_wrong_one_does_not(client: Client) -> None:
    login = form_with(client, "/en/accounts/login/", "password")

    wrong = client.post(login.path, {**login.fields, "login": "alice@example.org", "password": "not this one"})
    right = client.post(login.path, {**login.fields, "login": "alice@example.org", "password": PASSWORD})

    assert (wrong.status_code, right.status_code) == (200, 302)


def test_somebody_new_makes_an_account_and_confirms_its_address(client: Client) -> None:
    signup = form_with(client, "/en/accounts/signup/", "password1")
    made = client.post(signup.path, {**signup.fields, "email": "zoe@example.org", "password1": "a long new password"})
    code = str(OutgoingMessage.objects.get(kind="account_verify_email").payload().context["code"])

    confirm = form_with(client, made.headers["Location"], "code")
    confirmed = client.post(confirm.path, {**confirm.fields, "code": code})

    assert (made.status_code, confirmed.status_code) == (302, 302)
    assert client.get("/en/accounts/").status_code == 200


def test_a_forgotten_password_is_asked_for(client: Client) -> None:
    make_user(email="alice@example.org")
    reset = form_with(client, "/en/accounts/password/reset/", "email")

    assert client.post(reset.path, {**reset.fields, "email": "alice@example.org"}).status_code == 302
    assert OutgoingMessage.objects.filter(kind="account_password_reset").count() == 1
