"""What a petition asks its signers, in the words of one language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from petitions.models import Eligibility, NewsConsent, Petition, PetitionQuerySet, PetitionQuestion, QuestionKind

_OF_QUESTION = ("id", "position", "kind", "labels", "options", "is_required")
_OF_CONSENT = ("id", "version", "labels")
_QUESTION_FIELD = re.compile(r"question_([1-9][0-9]{0,17})\Z", re.ASCII)
_MOST_ANSWERED = 20  # four times as many as are asked: nobody has answered more


@dataclass(frozen=True, kw_only=True)
class AskedQuestion:
    """One own question as a form shows it; `options` are pairs of key and words, () for a text."""

    id: int
    kind: QuestionKind
    label: str
    options: tuple[tuple[str, str], ...]
    is_required: bool

    @property
    def field_name(self) -> str:
        return field_name_of(self.id)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The fields of a petition's form beside name and address."""

    country: bool
    postcode: bool
    comment: bool
    questions: tuple[AskedQuestion, ...]
    news_consent: NewsConsent | None
    news_label: str  # "" for the site's own words
    allowed_domains: tuple[str, ...] = ()  # () for everybody
    allowed_countries: tuple[str, ...] = ()


def field_name_of(question_id: int | str) -> str:
    """This function will name the form field of an own question."""
    return f"question_{question_id}"


def petitions_asking() -> PetitionQuerySet:
    """This function will find petitions together with what each of them asks, so that `asked_of` reads nothing more."""
    questions = PetitionQuestion.objects.filter(petition=OuterRef("pk"), retired_at__isnull=True).order_by("position")
    consents = NewsConsent.objects.filter(petition=OuterRef("pk")).order_by("-version")
    return Petition.objects.annotate(
        questions_read=ArraySubquery(questions.values(row=_as_json(*_OF_QUESTION))),
        consent_read=Subquery(consents.values(row=_as_json(*_OF_CONSENT))[:1]),
    )


def asked_of(*, petition: Petition, language: str, said: Mapping[str, Any] | None = None) -> Asked:
    """
    This function will say what a petition asks now; words fall back to its default language.

    Args: petition: best from `petitions_asking`; another one costs two statements.
          said: by field name, what a form brings that may have been open for a while, or what a row holds already. A
          question or an option that was retired since is asked once more of whoever has answered it, so that no answer
          is lost; it is never required. Costs a statement only where that has happened.
    """
    said = said or {}
    questions = _questions_of(petition)
    questions += _retired_but_answered(petition, said, known={question.pk for question in questions})
    consent = _consent_of(petition)
    default = petition.default_language
    return Asked(
        country=petition.asks_country,
        postcode=petition.asks_postcode,
        comment=petition.asks_comment,
        questions=tuple(_asked(question, language=language, default=default, said=said) for question in questions),
        news_consent=consent,
        news_label=words_in(consent.labels, language=language, default=default) if consent else "",
        allowed_domains=tuple(petition.allowed_domains if petition.who_may_sign == Eligibility.DOMAINS else ()),
        allowed_countries=tuple(petition.allowed_countries if petition.who_may_sign == Eligibility.COUNTRIES else ()),
    )


def is_asked_now(asked: Asked, *, said: Mapping[str, Any]) -> bool:
    """This function will tell whether all answers are to what is asked now: no question or option of them is retired."""
    answered = [(name, answer) for name in said if name.startswith("question_") and (answer := said[name])]
    questions = {question.field_name: question for question in asked.questions}
    return all(name in questions and _is_offered(questions[name], answer) for name, answer in answered)


def _is_offered(question: AskedQuestion, answer: Any) -> bool:
    return question.kind != QuestionKind.CHOICE or any(key == answer for key, _words in question.options)


def answers_in_words(asked: Asked, *, choices: Mapping[str, str], answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """This function will pair each question that was answered with the words of its answer, in the order of the form."""
    options = {str(question.id): dict(question.options) for question in asked.questions}
    chosen = {id_: options[id_].get(key, "") for id_, key in choices.items() if id_ in options}
    said = {**chosen, **answers}
    return [(question.label, said[str(question.id)]) for question in asked.questions if said.get(str(question.id))]


def words_in(labels: Mapping[str, str], *, language: str, default: str) -> str:
    """This function will choose the words of a language, else of the default one, else of any."""
    return labels.get(language) or labels.get(default) or next(iter(labels.values()), "")


def _as_json(*columns: str) -> JSONObject:
    return JSONObject(**{column: column for column in columns})


def _questions_of(petition: Petition) -> list[PetitionQuestion]:
    read: Iterable[dict[str, Any]] | None = getattr(petition, "questions_read", None)
    if read is not None:
        return [PetitionQuestion(petition_id=petition.pk, **columns) for columns in read]
    return list(PetitionQuestion.objects.filter(petition=petition, retired_at__isnull=True).order_by("position"))


def _consent_of(petition: Petition) -> NewsConsent | None:
    if hasattr(petition, "consent_read"):
        read: dict[str, Any] | None = petition.consent_read
        return NewsConsent(petition_id=petition.pk, **read) if read else None
    return NewsConsent.objects.filter(petition=petition).order_by("-version").first()


def _retired_but_answered(petition: Petition, said: Mapping[str, Any], *, known: set[int]) -> list[PetitionQuestion]:
    answered = (_QUESTION_FIELD.match(name) for name, answer in said.items() if answer)
    unknown = [number for found in answered if found and (number := int(found[1])) not in known]
    if not unknown:
        return []
    return list(PetitionQuestion.objects.filter(petition=petition, pk__in=unknown[:_MOST_ANSWERED]).order_by("pk"))


def _asked(question: PetitionQuestion, *, language: str, default: str, said: Mapping[str, Any]) -> AskedQuestion:
    chosen = said.get(field_name_of(question.pk))
    return AskedQuestion(
        id=question.pk,
        kind=QuestionKind(question.kind),
        label=words_in(question.labels, language=language, default=default),
        options=tuple(
            (option["key"], words_in(option["labels"], language=language, default=default))
            for option in question.options
            if not option.get("retired") or option["key"] == chosen
        ),
        is_required=question.is_required and question.retired_at is None,
    )
