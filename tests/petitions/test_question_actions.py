"""Own questions: asked, worded anew, moved and retired, each step repeated and twice at once."""

import pytest

from accounts.models import AuditEntry, User
from petitions.actions import editing
from petitions.models import MOST_QUESTIONS, Petition, PetitionQuestion, QuestionKind
from petitions.rules.questions import MOST_OPTIONS_EVER, OptionWords, options_after_change
from tests.factories import NOW, make_petition, make_question
from tests.parallel import run_all_in_parallel, run_in_parallel

pytestmark = pytest.mark.django_db
YES, NO, MAYBE = (OptionWords(labels={"en": words}) for words in ("Yes", "No", "Maybe"))


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep")


def add(petition: Petition, label: str = "Will you?", **changes: object) -> PetitionQuestion:
    values = {
        "kind": QuestionKind.CHOICE,
        "labels": {"en": label},
        "options": [YES, NO],
        "is_required": False,
        "now": NOW,
        **changes,
    }
    return editing.add_question(petition_id=petition.pk, **values)  # type: ignore[arg-type]


def change(question: PetitionQuestion, **changes: object) -> PetitionQuestion:
    kept = [OptionWords(key=option["key"], labels=option["labels"]) for option in question.options]
    values = {
        "labels": question.labels,
        "options": kept,
        "is_required": question.is_required,
        "seen": editing.mark_of(question),
        "now": NOW,
        **changes,
    }
    return editing.change_question(
        petition_id=question.petition_id,
        question_id=question.pk,
        **values,  # type: ignore[arg-type]
    )


def places(petition: Petition) -> list[tuple[str, int]]:
    asked = PetitionQuestion.objects.filter(petition=petition, retired_at__isnull=True).order_by("position")
    return [(question.labels["en"], question.position) for question in asked]


def verbs() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", "subject"))


# --- Asking ---------------------------------------------------------------------------------------------------------
def test_a_question_is_asked_in_the_first_free_place(petition: Petition, bob: User) -> None:
    make_question(petition=petition, position=1, labels={"en": "First"})
    make_question(petition=petition, position=3, labels={"en": "Third"})

    question = add(petition, "Second", actor=bob)

    assert places(petition) == [("First", 1), ("Second", 2), ("Third", 3)]
    assert question.options == [{"key": "o1", "labels": {"en": "Yes"}}, {"key": "o2", "labels": {"en": "No"}}]
    assert verbs() == [("question.added", f"keep question {question.pk}")]


def test_a_sixth_question_has_no_place_until_one_is_retired(petition: Petition) -> None:
    questions = [add(petition, str(number)) for number in range(MOST_QUESTIONS)]

    with pytest.raises(editing.TooManyQuestions):
        add(petition)
    editing.retire_question(petition_id=petition.pk, question_id=questions[2].pk, now=NOW)

    assert add(petition).position == 3


@pytest.mark.parametrize("options", [[], [YES], [OptionWords(labels={"en": str(n)}) for n in range(11)]])
def test_a_choice_has_two_to_ten_options(petition: Petition, options: list[OptionWords]) -> None:
    with pytest.raises(editing.BadOptions):
        add(petition, options=options)


def test_a_text_has_no_options(petition: Petition) -> None:
    with pytest.raises(editing.BadOptions):
        add(petition, kind=QuestionKind.TEXT)

    assert add(petition, kind=QuestionKind.TEXT, options=[]).options == []


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_five_find_a_place() -> None:
    petition = make_petition()

    outcomes = run_in_parallel(lambda: add(petition), times=8)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PetitionQuestion"] * 5 + ["TooManyQuestions"] * 3
    assert [place for _label, place in places(petition)] == [1, 2, 3, 4, 5]
    assert len(verbs()) == 5


# --- Wording --------------------------------------------------------------------------------------------------------
def test_words_change_and_keys_stay(petition: Petition) -> None:
    question = add(petition)

    change(question, labels={"en": "Would you?"}, options=[OptionWords(key="o2", labels={"en": "Nope"}), YES, MAYBE])

    question.refresh_from_db()
    assert question.labels == {"en": "Would you?"}
    assert question.options == [
        {"key": "o2", "labels": {"en": "Nope"}},
        {"key": "o3", "labels": {"en": "Yes"}},
        {"key": "o4", "labels": {"en": "Maybe"}},
        {"key": "o1", "labels": {"en": "Yes"}, "retired": True},
    ]


def test_an_option_that_comes_back_is_the_one_that_went(petition: Petition) -> None:
    question = change(add(petition, options=[YES, NO, MAYBE]), options=[OptionWords(key="o1", labels=YES.labels), NO])

    again = change(question, options=[*_kept(question), MAYBE])

    assert [option["key"] for option in again.options if option["labels"] == {"en": "Maybe"}] == ["o3"]


def test_nobody_covers_what_they_have_not_seen(petition: Petition) -> None:
    question = add(petition)
    seen = editing.mark_of(question)
    change(question, labels={"en": "Theirs"})

    with pytest.raises(editing.StaleQuestion):
        change(question, labels={"en": "Mine"}, seen=seen)

    assert places(petition) == [("Theirs", 1)]


def test_the_same_words_again_write_nothing(petition: Petition) -> None:
    question = add(petition)

    change(question)

    assert len(verbs()) == 1


def test_a_retired_question_and_somebody_elses_cannot_be_worded(petition: Petition) -> None:
    retired, theirs = make_question(petition=petition, retired_at=NOW), make_question(petition=make_petition())
    theirs.petition_id = petition.pk

    for question in (retired, theirs):
        with pytest.raises(editing.QuestionGone):
            change(question)


def test_options_that_were_retired_are_not_kept_without_end(petition: Petition) -> None:
    options = [{"key": f"o{n}", "labels": {"en": str(n)}, "retired": True} for n in range(MOST_OPTIONS_EVER - 2)]
    live = [{"key": key, "labels": {"en": key}} for key in ("x", "y")]
    question = make_question(petition=petition, options=[*live, *options])

    with pytest.raises(editing.BadOptions):
        change(question, options=[YES, NO])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_word_it_at_once_one_is_told() -> None:
    question = add(make_petition())
    mine, theirs = ({"en": words} for words in ("Mine", "Theirs"))

    outcomes = run_all_in_parallel([lambda: change(question, labels=mine), lambda: change(question, labels=theirs)])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PetitionQuestion", "StaleQuestion"]


def test_a_new_key_was_never_used() -> None:
    options = options_after_change(options=[{"key": "o1", "labels": {"en": "A"}}], wanted=[YES, NO])

    assert [option["key"] for option in options] == ["o2", "o3", "o1"]


def _kept(question: PetitionQuestion) -> list[OptionWords]:
    live = (option for option in question.options if not option.get("retired"))
    return [OptionWords(key=option["key"], labels=option["labels"]) for option in live]


# --- Order ----------------------------------------------------------------------------------------------------------
def test_questions_change_places_also_when_all_are_taken(petition: Petition) -> None:
    questions = [add(petition, str(number)) for number in range(MOST_QUESTIONS)]

    editing.move_question_up(petition_id=petition.pk, question_id=questions[4].pk, now=NOW)

    assert places(petition) == [("0", 1), ("1", 2), ("2", 3), ("4", 4), ("3", 5)]
    assert verbs()[-1][0] == "question.moved"


def test_the_first_question_stays(petition: Petition) -> None:
    question = add(petition)

    editing.move_question_up(petition_id=petition.pk, question_id=question.pk, now=NOW)

    assert places(petition) == [("Will you?", 1)]
    assert len(verbs()) == 1


def test_a_question_that_is_not_asked_has_no_place(petition: Petition) -> None:
    question = make_question(petition=petition, retired_at=NOW)

    with pytest.raises(editing.QuestionGone):
        editing.move_question_up(petition_id=petition.pk, question_id=question.pk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_moves_at_once_leave_every_place_taken_once() -> None:
    petition = make_petition()
    numbers = [add(petition, str(number)).pk for number in range(MOST_QUESTIONS)]
    moves = [
        lambda number=number: editing.move_question_up(petition_id=petition.pk, question_id=number, now=NOW)
        for number in numbers
    ]

    outcomes = run_all_in_parallel([*moves, *moves])

    assert outcomes == [None] * 10
    assert [place for _label, place in places(petition)] == [1, 2, 3, 4, 5]


# --- Retiring -------------------------------------------------------------------------------------------------------
def test_retiring_twice_changes_nothing(petition: Petition) -> None:
    question = add(petition)

    for _ in range(2):
        editing.retire_question(petition_id=petition.pk, question_id=question.pk, now=NOW)

    assert places(petition) == []
    assert [verb for verb, _subject in verbs()] == ["question.added", "question.retired"]


def test_nobody_retires_a_question_of_another_petition(petition: Petition) -> None:
    theirs = make_question(petition=make_petition())

    with pytest.raises(editing.QuestionGone):
        editing.retire_question(petition_id=petition.pk, question_id=theirs.pk, now=NOW)

    theirs.refresh_from_db()
    assert theirs.retired_at is None
