"""The answers of signers as files: one choice added up, or every counted signature as a row without a name."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, Func, Q, Value

from petitions.models import Petition, PetitionQuestion, QuestionKind, Signature
from petitions.queries.answers import question_label, questions_of
from petitions.queries.asking import words_in
from petitions.queries.counts import signature_counts
from petitions.queries.exports import UNKNOWN, Cell, ExportTable, export_table
from petitions.queries.sealed import details_of
from petitions.queries.series import Span
from petitions.rules.periods import Grouping

ROWS_PER_BATCH = 2_000
_BY_QUESTION = re.compile(r"question-([1-9][0-9]{0,17})\Z", re.ASCII)
Words = dict[tuple[int, str], str]


class UnknownGrouping(Exception):
    """An export cannot add up by this: it is no period or group, and no choice that the petition ever asked."""


def table_by(*, petition: Petition, by: str, span: Span) -> ExportTable:
    """
    This function will lay out the counted signatures by a period or group, or by the answers to a choice, for the team.

    Args:   by: a Grouping, or "question-12"; a retired question is as good.
    Raises: UnknownGrouping; TooManyRows over 100,000 periods.
    """
    if by in list(Grouping):
        return export_table(counts=signature_counts(petition=petition, by=Grouping(by), span=span))
    return choices_table(petition=petition, question=_choice_named(petition, by), span=span)


def choice_groupings(*, petition: Petition, language: str) -> list[tuple[str, str]]:
    """This function will list by which choices an export can add up, with their words."""
    questions = (question for question in questions_of(petition=petition) if question.kind == QuestionKind.CHOICE)
    return [
        (grouping_of(question), question_label(question=question, petition=petition, language=language))
        for question in questions
    ]


def grouping_of(question: PetitionQuestion) -> str:
    """This function will name a choice as an export does."""
    return f"question-{question.pk}"


def choices_table(*, petition: Petition, question: PetitionQuestion, span: Span) -> ExportTable:
    """
    This function will lay out one choice as an export of counts, in the words of the petition's own language.

    Returns: options as they are offered, those that nobody chose as 0, retired ones where somebody did, then those who
             did not answer. Without a span the rows add up to the counted signatures of that instant.
    """
    counted = Signature.objects.counted().filter(petition=petition)
    counted = counted.filter(verified_at__gte=span.since) if span.since else counted
    counted = counted.filter(verified_at__lt=span.until) if span.until else counted
    by_key: dict[str | None, int] = dict(
        counted.annotate(answer=_answer_in_choices(question))
        .values_list("answer")
        .annotate(signatures=Count("pk"))
        .order_by()
    )
    by = grouping_of(question)
    return ExportTable(
        petition=petition.slug,
        by=by,
        timezone=span.tz.key,
        first_day=span.first_day,
        last_day=span.last_day,
        total=sum(by_key.values()),
        columns=(by, "key", "signatures"),
        rows=_rows_of_options(question, by_key, default=petition.default_language),
    )


def answer_columns(*, questions: list[PetitionQuestion], petition: Petition, language: str) -> list[str]:
    """This function will head the columns of a file of answers."""
    labels = [question_label(question=question, petition=petition, language=language) for question in questions]
    return ["day", "country", *labels, "postcode"]


def answer_rows(*, petition: Petition, questions: list[PetitionQuestion], language: str) -> Iterator[list[str]]:
    """
    This function will read what every counted signature said, oldest first: day, country, answers, postcode.

    Never a name, an address or a comment. In batches, each a statement of its own, so that a million rows take no more
    memory than two thousand, and no transaction stays open while a slow reader takes them.
    """
    tz = ZoneInfo(petition.timezone)
    words = _words_of_options(questions, petition=petition, language=language)
    for row in _in_batches(petition):
        details = details_of(row)
        said = [_answer_to(question, choices=row.choices, texts=details.answers, words=words) for question in questions]
        yield [row.verified_at.astimezone(tz).date().isoformat(), row.country, *said, details.postcode]


def _choice_named(petition: Petition, by: str) -> PetitionQuestion:
    found = _BY_QUESTION.match(by)
    choices = PetitionQuestion.objects.filter(petition=petition, kind=QuestionKind.CHOICE)
    question = choices.filter(pk=int(found[1])).first() if found else None
    if question is None:
        raise UnknownGrouping(by)
    return question


def _answer_in_choices(question: PetitionQuestion) -> Func:
    # Django's own key transform takes a key of digits for the place in an array.
    key = Value(str(question.pk))
    return Func("choices", key, function="jsonb_extract_path_text", output_field=CharField())


def _rows_of_options(
    question: PetitionQuestion, by_key: dict[str | None, int], *, default: str
) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for option in question.options:
        n = by_key.pop(option["key"], 0)
        if n or not option.get("retired"):
            rows.append((words_in(option["labels"], language=default, default=default), option["key"], n))
    return [*rows, (UNKNOWN, "", sum(by_key.values()))]


def _words_of_options(questions: list[PetitionQuestion], *, petition: Petition, language: str) -> Words:
    default = petition.default_language
    return {
        (question.pk, option["key"]): words_in(option["labels"], language=language, default=default)
        for question in questions
        for option in question.options
    }


def _answer_to(
    question: PetitionQuestion, *, choices: Mapping[str, str], texts: Mapping[str, str], words: Words
) -> str:
    number = str(question.pk)
    chosen = choices.get(number, "")
    return words.get((question.pk, chosen), chosen) if chosen else texts.get(number, "")


def _in_batches(petition: Petition) -> Iterator[Signature]:
    rows = Signature.objects.counted().filter(petition=petition).order_by("verified_at", "id")
    rows = rows.only("id", "verified_at", "country", "choices", "details_sealed")
    last: tuple[datetime, int] | None = None
    while True:
        batch = rows
        if last is not None:
            batch = rows.filter(verified_at__gte=last[0]).filter(Q(verified_at__gt=last[0]) | Q(pk__gt=last[1]))
        found = list(batch[:ROWS_PER_BATCH])
        yield from found
        if len(found) < ROWS_PER_BATCH:
            return
        last = found[-1].verified_at, found[-1].pk
