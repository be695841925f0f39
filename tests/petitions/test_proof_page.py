"""The page of the link is drawn once for many people: each of them reads their own words on it, and nobody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from petitions.models import Petition, QuestionKind
from tests.factories import make_petition, make_question
from tests.petitions.signing_steps import sign, signed_and_mailed

pytestmark = pytest.mark.django_db
QUERY = "?from=mail"
ODD = 'O\'Hara & <b>"Söhne"</b>'


def everything() -> Petition:
    """What can be asked at all; the question with a list has options that are named like countries, and like none."""
    petition = make_petition(asks_postcode=True, asks_comment=True)
    options = [{"key": key, "labels": {"en": f"In {key}"}} for key in ("FR", "US", "ZZ", "d", "e", "f", "g")]
    make_question(petition=petition, options=options)
    make_question(petition=petition, position=2, kind=QuestionKind.TEXT, labels={"en": "Why?"})
    return petition


def path_of(petition: Petition, language: str = "en", **said: Any) -> str:
    return f"/{language}/verify/{signed_and_mailed(petition, now=timezone.now(), **said)}/"


def shown(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return response.content.decode()


def people(petition: Petition) -> Iterator[dict[str, Any]]:
    """What different people say, each from an address of their own."""
    choice, text = (str(question.pk) for question in petition.questions.order_by("position"))
    said: list[dict[str, Any]] = [
        {"name": "Ada", "country": "FR"},
        {"name": "Bo", "country": "US", "wants_news": False},
        {"name": ODD, "country": "", "postcode": ODD, "comment": f"{ODD}\n\n{ODD}", "answers": {text: ODD}},
        {"name": "Cy", "country": "ZZ", "name_shown": "full", "comment": "Mine.", "choices": {choice: "FR"}},
        {"name": "李明", "country": "FR", "postcode": "75011", "choices": {choice: "US"}, "answers": {text: "So."}},
    ]
    yield from ({"email": f"somebody{number}@example.org", **words} for number, words in enumerate(said))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_person_reads_the_page_that_would_be_drawn_for_them_alone(language: str) -> None:
    petition = everything()

    for said in people(petition):
        path = path_of(petition, language, **said)
        drawn_alone = shown(path + QUERY)  # whose language links differ from everybody's
        assert drawn_alone.count(QUERY) == 4
        assert shown(path) == drawn_alone.replace(QUERY, "")


def test_nobody_reads_what_another_person_has_typed() -> None:
    petition = everything()
    mine = path_of(petition, email="me@example.org", name="Myself", postcode="11111", comment="My own reason.")
    shown(mine)

    page = shown(path_of(petition, email="you@example.org", name="Yourself", country="DE"))

    token = mine.split("/")[-2]
    assert not any(words in page for words in ("Myself", "11111", "My own reason.", token, '"FR" selected'))
    assert "Yourself" in page


def test_what_was_typed_is_never_markup() -> None:
    page = shown(path_of(make_petition(), name='"><script>alert(1)</script>'))

    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;' in page


def test_a_page_drawn_before_shows_the_petition_as_it_is_now() -> None:
    petition = make_petition(addressee="OpenAI")
    path = path_of(petition)
    assert "OpenAI" in shown(path)

    Petition.objects.filter(pk=petition.pk).update(addressee="The board")

    assert "The board" in shown(path)


def test_a_link_that_proved_meanwhile_is_not_shown_as_before() -> None:
    petition = make_petition()
    path = path_of(petition)
    shown(path)

    Client().post(path)
    sign(petition, now=timezone.now(), email="another@example.org")

    assert "counts already" in shown(path)
