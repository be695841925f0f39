"""The own questions of a petition: asked, worded, put in order and retired. None is ever deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import BadOptions, QuestionGone, StaleQuestion, TooManyQuestions
from petitions.models import MOST_QUESTIONS, Petition, PetitionQuestion, QuestionKind
from petitions.rules.questions import (
    FEWEST_OPTIONS,
    MOST_OPTIONS,
    MOST_OPTIONS_EVER,
    Option,
    OptionWords,
    offered,
    options_after_change,
    words_mark,
)


def add_question(
    *,
    petition_id: int,
    kind: QuestionKind,
    labels: Mapping[str, str],
    options: Sequence[OptionWords],
    is_required: bool,
    now: datetime,
    actor: User | None = None,
) -> PetitionQuestion:
    """
    This function will ask one more question, in the first free place.

    Args:    labels: its words by language; their shape and the main language's presence are checked by the form.
    Raises:  TooManyQuestions when all five places are taken, also by two organisers at once: the constraint decides;
             BadOptions.
    Writes:  the PetitionQuestion; an audit row.
    """
    written = _checked(kind, options_after_change(options=[], wanted=options))
    for _try in range(MOST_QUESTIONS + 1):
        position = _free_position(petition_id)
        try:
            with transaction.atomic():
                question = PetitionQuestion.objects.create(
                    petition_id=petition_id,
                    position=position,
                    kind=kind,
                    labels=dict(labels),
                    options=written,
                    is_required=is_required,
                    created_at=now,
                )
                _audit(question, actor, "question.added", now)
                return question
        except IntegrityError as error:
            if "question_unique_position" not in str(error):
                raise
    raise TooManyQuestions


@transaction.atomic
def change_question(
    *,
    petition_id: int,
    question_id: int,
    labels: Mapping[str, str],
    options: Sequence[OptionWords],
    is_required: bool,
    seen: str,
    now: datetime,
    actor: User | None = None,
) -> PetitionQuestion:
    """
    This function will give a question other words. Its answers keep their keys: an option may be worded better, but what
    means something else is a new option, and one that is left out is retired with its words.

    Args:    seen: mark_of the question that the organiser had before their eyes.
    Raises:  QuestionGone; StaleQuestion; BadOptions.
    Writes:  the question and an audit row; nothing where nothing changes.
    """
    question = _locked(petition_id, question_id)
    if seen != mark_of(question):
        raise StaleQuestion
    written = _checked(question.kind, options_after_change(options=question.options, wanted=options))
    if words_mark(labels=labels, options=written, is_required=is_required) != seen:
        question.labels, question.options, question.is_required = dict(labels), written, is_required
        question.save(update_fields=["labels", "options", "is_required"])
        _audit(question, actor, "question.changed", now)
    return question


@transaction.atomic
def retire_question(*, petition_id: int, question_id: int, now: datetime, actor: User | None = None) -> None:
    """
    This function will stop asking a question; its answers stay. Retiring it again changes nothing.

    Raises:  QuestionGone if the petition never had it.
    """
    questions = PetitionQuestion.objects.filter(petition_id=petition_id, pk=question_id)
    if questions.filter(retired_at__isnull=True).update(retired_at=now):
        _audit(questions.get(), actor, "question.retired", now)
    elif not questions.exists():
        raise QuestionGone


@transaction.atomic
def move_question_up(*, petition_id: int, question_id: int, now: datetime, actor: User | None = None) -> None:
    """
    This function will let a question change places with the one before it; the first one stays.

    Raises:  QuestionGone.
    """
    # The petition and not the questions: rows that are waited for come in the order that they had before the wait.
    locked_petition(petition_id=petition_id)
    asked = PetitionQuestion.objects.filter(petition_id=petition_id, retired_at__isnull=True)
    questions = list(asked.order_by("position"))
    place = next((place for place, question in enumerate(questions) if question.pk == question_id), None)
    if place is None:
        raise QuestionGone
    if place:
        _swap(questions[place - 1], questions[place], now)
        _audit(questions[place], actor, "question.moved", now)


def mark_of(question: PetitionQuestion) -> str:
    """This function will name the words of a question as they are now."""
    return words_mark(labels=question.labels, options=question.options, is_required=question.is_required)


def _swap(before: PetitionQuestion, after: PetitionQuestion, now: datetime) -> None:
    # No two may ever hold one place, and all five may be taken: one steps aside as a retired question has no place.
    before.retired_at = now
    before.save(update_fields=["retired_at"])
    before.position, after.position = after.position, before.position
    after.save(update_fields=["position"])
    before.retired_at = None
    before.save(update_fields=["position", "retired_at"])


def _free_position(petition_id: int) -> int:
    taken = PetitionQuestion.objects.filter(petition_id=petition_id, retired_at__isnull=True)
    places = set(range(1, MOST_QUESTIONS + 1)) - set(taken.values_list("position", flat=True))
    if not places:
        raise TooManyQuestions
    return min(places)


def _locked(petition_id: int, question_id: int) -> PetitionQuestion:
    asked = PetitionQuestion.objects.filter(petition_id=petition_id, retired_at__isnull=True)
    question = asked.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise QuestionGone
    return question


def _checked(kind: str, options: list[Option]) -> list[Option]:
    most, fewest = (MOST_OPTIONS, FEWEST_OPTIONS) if kind == QuestionKind.CHOICE else (0, 0)
    if not fewest <= len(offered(options)) <= most or len(options) > MOST_OPTIONS_EVER:
        raise BadOptions
    return options


def _audit(question: PetitionQuestion, actor: User | None, verb: str, now: datetime) -> None:
    petition = Petition.objects.select_related("team").get(pk=question.petition_id)
    audit(petition=petition, actor=actor, verb=verb, now=now, detail=f"question {question.pk}")
