"""What a petition asks, also of whoever has had the form open for a while."""

import pytest
from pytest_django import DjangoAssertNumQueries

from petitions.models import Petition, PetitionQuestion, QuestionKind
from petitions.queries.asking import asked_of, petitions_asking
from tests.factories import NOW, make_petition, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def petition() -> Petition:
    return make_petition()


def test_questions_stand_in_order_and_in_the_readers_words(petition: Petition) -> None:
    make_question(petition=petition, position=2, labels={"en": "Second", "fr": "Deuxième"})
    make_question(petition=petition, position=1, labels={"en": "First"})

    assert [question.label for question in asked_of(petition=petition, language="fr").questions] == [
        "First",
        "Deuxième",
    ]


def test_what_was_retired_is_not_asked_any_more(petition: Petition) -> None:
    make_question(petition=petition, retired_at=NOW)
    question = make_question(petition=petition, options=_options("a", "b", retired=["b"]))

    asked = asked_of(petition=petition, language="en").questions

    assert [(each.id, [key for key, _ in each.options]) for each in asked] == [(question.pk, ["a"])]


def test_an_answer_to_what_was_retired_meanwhile_is_taken(petition: Petition) -> None:
    retired = make_question(petition=petition, retired_at=NOW, is_required=True, kind=QuestionKind.TEXT, options=[])
    question = make_question(petition=petition, options=_options("a", "b", "c", retired=["b", "c"]))
    said = {f"question_{retired.pk}": "Because.", f"question_{question.pk}": "b"}

    asked = {each.id: each for each in asked_of(petition=petition, language="en", said=said).questions}

    assert not asked[retired.pk].is_required
    assert [key for key, _ in asked[question.pk].options] == ["a", "b"]


def test_a_question_of_another_petition_is_never_asked(petition: Petition) -> None:
    theirs = make_question(petition=make_petition(), retired_at=NOW)

    assert asked_of(petition=petition, language="en", said={f"question_{theirs.pk}": "a"}).questions == ()


@pytest.mark.parametrize("name", ["question_", "question_x", "question_-1", "question_٣", f"question_{'9' * 400}"])
def test_names_of_no_question_do_no_harm(petition: Petition, name: str) -> None:
    assert asked_of(petition=petition, language="en", said={name: "a"}).questions == ()


def test_asking_a_petition_that_came_with_its_questions_reads_nothing(
    petition: Petition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = make_question(petition=petition), make_question(petition=petition, position=2)
    loaded = petitions_asking().get(pk=petition.pk)

    with django_assert_num_queries(0):
        asked = asked_of(petition=loaded, language="en", said={f"question_{first.pk}": "a"})

    assert [question.id for question in asked.questions] == [first.pk, second.pk]
    with django_assert_num_queries(2):
        assert asked_of(petition=petition, language="en") == asked


def _options(*keys: str, retired: list[str]) -> list[dict[str, object]]:
    options: list[dict[str, object]] = [{"key": key, "labels": {"en": key.upper()}} for key in keys]
    for option in options:
        if option["key"] in retired:
            option["retired"] = True
    return options


def test_a_question_prints_as_its_place(petition: Petition) -> None:
    assert str(PetitionQuestion(petition=petition, position=3)) == f"question 3 of {petition.pk}"
