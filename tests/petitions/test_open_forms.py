"""Nothing that organisers change breaks a form that somebody has open."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from petitions.actions import editing
from petitions.models import PendingSignature, Petition, PetitionQuestion, QuestionKind
from petitions.queries.sealed import details_of
from petitions.rules.questions import OptionWords
from tests.factories import ALICE, NOW, make_petition, make_question
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep")


def send(client: Client, petition: Petition, **said: str) -> object:
    typed = {"name": "Alice Example", "email": ALICE, "country": "FR", **said}
    return client.post(reverse("petitions:sign", args=["keep"]), {**typed, **carried("keep")})


def test_an_answer_to_a_question_that_was_retired_meanwhile_is_kept(client: Client, petition: Petition) -> None:
    choice = make_question(petition=petition)
    text = make_question(petition=petition, position=2, kind=QuestionKind.TEXT)
    for question in (choice, text):
        editing.retire_question(petition_id=petition.pk, question_id=question.pk, now=NOW)

    answer = send(client, petition, **{f"question_{choice.pk}": "b", f"question_{text.pk}": "Because."})

    assert answer.status_code == 303  # type: ignore[attr-defined]
    attempt = PendingSignature.objects.get()
    assert attempt.choices == {str(choice.pk): "b"}
    assert details_of(attempt).answers == {str(text.pk): "Because."}


def test_an_option_that_was_removed_meanwhile_is_kept(client: Client, petition: Petition) -> None:
    question = make_question(petition=petition, is_required=True)
    kept = OptionWords(key="a", labels={"en": "Answer a"})
    editing.change_question(
        petition_id=petition.pk,
        question_id=question.pk,
        labels=question.labels,
        options=[kept, OptionWords(labels={"en": "Another"})],
        is_required=True,
        seen=editing.mark_of(question),
        now=NOW,
    )

    assert send(client, petition, **{f"question_{question.pk}": "b"}).status_code == 303  # type: ignore[attr-defined]
    assert PendingSignature.objects.get().choices == {str(question.pk): "b"}


def test_a_question_that_came_meanwhile_is_asked_and_nothing_typed_is_lost(client: Client, petition: Petition) -> None:
    retired = make_question(petition=petition, retired_at=NOW)
    make_question(petition=petition, is_required=True, labels={"en": "A new question?"})

    answer = send(client, petition, **{f"question_{retired.pk}": "b"})

    assertContains(answer, "A new question?", status_code=422)
    assertContains(answer, 'value="Alice Example"', status_code=422)
    assertContains(answer, f'name="question_{retired.pk}" value="b"', status_code=422)


@pytest.mark.parametrize("answer", ["z", "", "\x00", "b" * 500])
def test_an_option_that_never_was_is_refused_in_words(client: Client, petition: Petition, answer: str) -> None:
    question = make_question(petition=petition, is_required=True)

    assert send(client, petition, **{f"question_{question.pk}": answer}).status_code == 422  # type: ignore[attr-defined]
    assert not PendingSignature.objects.exists()


def test_a_question_of_another_petition_is_not_answered_here(client: Client, petition: Petition) -> None:
    theirs = make_question(petition=make_petition())

    assert send(client, petition, **{f"question_{theirs.pk}": "a"}).status_code == 303  # type: ignore[attr-defined]
    assert PendingSignature.objects.get().choices == {}
    assert PetitionQuestion.objects.count() == 1
