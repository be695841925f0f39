"""PostgreSQL is away: whoever sends a form gets it back on a page that needs no database, and only presses again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from petitions.models import PendingSignature
from petitions.queries.links import proof_token
from tests.factories import make_pending_signature, make_petition
from tests.web_forms import forms_of

pytestmark = pytest.mark.django_db(transaction=True)
TYPED = {"name": 'Alice "A" <b>', "email": "alice@example.org", "country": "FR", "wants_news": "on", "work": "e30="}
SIGN = "/en/petitions/x/sign/"


@contextmanager
def database_away() -> Iterator[None]:
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        yield
    finally:
        connection.settings_dict["HOST"] = host


@pytest.fixture
def lost_database() -> Iterator[None]:
    with database_away():
        yield


def link_of_an_attempt() -> str:
    attempt = make_pending_signature(petition=make_petition(slug="x"), created_at=timezone.now())
    return f"/en/verify/{proof_token(attempt=attempt, now=timezone.now())}/"


@pytest.mark.usefixtures("lost_database")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_lost_signing_form_is_given_back_whole_in_the_language_of_its_reader(client: Client, language: str) -> None:
    path = SIGN.replace("/en/", f"/{language}/")

    answer = client.post(path, {**TYPED, "answer_7": ["a", "b"], "comment": "Two\nlines"})

    (form,) = forms_of(answer.text, page_path=path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert f'<html lang="{language}"' in answer.text
    assert (form.path, form.method) == (path, "post")
    assert form.fields == {**TYPED, "answer_7": "b", "comment": "Two\nlines"}
    assert answer.text.count('name="answer_7"') == 2
    assert "Alice &quot;A&quot; &lt;b&gt;</dd>" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_pressing_again_once_the_database_is_back_signs(client: Client) -> None:
    make_petition(slug="x")
    with database_away():
        (kept,) = forms_of(client.post(SIGN, TYPED).text, page_path=SIGN)

    answer = client.post(kept.path, kept.fields)

    assert answer.status_code == 303
    assert PendingSignature.objects.count() == 1


def test_a_lost_proof_is_given_back_on_a_page_that_tells_nobody_its_address(client: Client) -> None:
    link = link_of_an_attempt()

    with database_away():
        answer = client.post(link, {"name": "Alice Corrected"})

    assert answer.status_code == 503
    assert forms_of(answer.text, page_path=link)[0].fields == {"name": "Alice Corrected"}
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.usefixtures("lost_database")
def test_a_password_is_never_given_back(client: Client) -> None:
    answer = client.post("/en/accounts/login/", {"login": "a@example.org", "password": "correct horse battery"})

    assert answer.status_code == 503
    assert "correct horse" not in answer.text


@pytest.mark.usefixtures("lost_database")
@pytest.mark.parametrize("path", ["/en/", "/fr/petitions/x/"])
def test_a_page_that_cannot_be_read_says_when_to_come_back(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert f'<html lang="{path[1:3]}"' in answer.text
    assert "<form" not in answer.text


@pytest.mark.usefixtures("lost_database")
def test_a_program_is_told_in_its_own_words(client: Client) -> None:
    answer = client.get("/api/v1/petitions/x/count")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json()["detail"]
