"""What signers answered to a petition's own questions: tallied by choice, listed as texts, row by row for a file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db import connection
from django.db.models import F

from petitions.models import Petition, PetitionQuestion, QuestionKind, Signature
from petitions.queries.asking import words_in
from petitions.queries.sealed import details_of

TALLY_KEPT_S = 60
TEXTS_PER_PAGE = 25
MOST_ROWS_OPENED = 2_000  # for one page of texts: what lies sealed cannot be searched by the database

# Grouped by the whole set of answers first, so that a million signatures are unfolded as a few hundred sets.
_TALLY = """
WITH answered AS (
    SELECT choices, count(*) AS n
    FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND invalidated_at IS NULL AND held_at IS NULL AND choices <> '{}'::jsonb
    GROUP BY choices
)
SELECT answer.key, answer.value, sum(n)::bigint FROM answered, jsonb_each_text(choices) AS answer GROUP BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class OptionTally:
    """How many counted signatures chose one option."""

    label: str
    count: int
    share: float  # of those who answered the question, 0 to 100
    is_offered: bool


@dataclass(frozen=True, kw_only=True)
class QuestionTally:
    """A question with its answers so far; `options` is empty for a text."""

    question: PetitionQuestion
    label: str
    answered: int
    options: list[OptionTally]

    @property
    def is_choice(self) -> bool:
        return self.question.kind == QuestionKind.CHOICE


@dataclass(frozen=True, kw_only=True)
class TextAnswer:
    """One short text, and the local day of the signature that it came with."""

    text: str
    day: date


@dataclass(frozen=True, kw_only=True)
class TextPage:
    """Some answers, the newest first, and the number before which the next ones go on, 0 at the end."""

    answers: list[TextAnswer]
    next_before: int


def question_label(*, question: PetitionQuestion, petition: Petition, language: str) -> str:
    """This function will word a question in a language, else in the petition's own."""
    return words_in(question.labels, language=language, default=petition.default_language)


def questions_of(*, petition: Petition) -> list[PetitionQuestion]:
    """This function will read every question of a petition: those that are asked in their order, then the retired ones."""
    questions = PetitionQuestion.objects.filter(petition=petition)
    return list(questions.order_by(F("retired_at").desc(nulls_first=True), "position", "pk"))


def question_tallies(*, petition: Petition, language: str) -> list[QuestionTally]:
    """
    This function will add up the answers of counted signatures by question and option.

    Returns: the questions as `questions_of` orders them, options as they are offered, retired ones last. The figures are
             of one statement and up to TALLY_KEPT_S old.
    """
    counts = _counts_by_question(petition)
    return [
        _tally_of(question, counts.get(str(question.pk), {}), petition=petition, language=language)
        for question in questions_of(petition=petition)
    ]


def text_answers(*, petition: Petition, question: PetitionQuestion, before: int = 0) -> TextPage:
    """
    This function will read the short texts that counted signatures gave as an answer, the newest signature first.

    Args:    before: the `next_before` of the page before, 0 for the beginning.
    Returns: at most TEXTS_PER_PAGE; fewer, and perhaps none, where MOST_ROWS_OPENED signatures hold no more.
    """
    rows = Signature.objects.counted().filter(petition=petition, details_sealed__isnull=False)
    rows = rows.filter(pk__lt=before) if before else rows
    tz, found, last = ZoneInfo(petition.timezone), [], 0
    opened = list(rows.order_by("-id").only("id", "details_sealed", "verified_at")[:MOST_ROWS_OPENED])
    for row in opened:
        text = details_of(row).answers.get(str(question.pk))
        last = row.pk
        if text:
            found.append(TextAnswer(text=text, day=row.verified_at.astimezone(tz).date()))
        if len(found) == TEXTS_PER_PAGE:
            break
    is_end = len(opened) < MOST_ROWS_OPENED and (not opened or last == opened[-1].pk)
    return TextPage(answers=found, next_before=0 if is_end else last)


def _counts_by_question(petition: Petition) -> dict[str, dict[str, int]]:
    # Sums name nobody. They are kept for a minute, because a page that a whole team reloads must not scan each time.
    key = f"answers:{petition.pk}"
    counts: dict[str, dict[str, int]] | None = cache.get(key)
    if counts is None:
        counts = _read_counts(petition)
        cache.set(key, counts, TALLY_KEPT_S)
    return counts


def _read_counts(petition: Petition) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, {"petition_id": petition.pk})
        for question, option, n in cursor.fetchall():
            counts.setdefault(question, {})[option] = n
    return counts


def _tally_of(
    question: PetitionQuestion, counts: Mapping[str, int], *, petition: Petition, language: str
) -> QuestionTally:
    chosen = Counter(counts)
    answered = chosen.total()
    options = [
        OptionTally(
            label=words_in(option["labels"], language=language, default=petition.default_language),
            count=chosen[option["key"]],
            share=100 * chosen[option["key"]] / answered if answered else 0.0,
            is_offered=not option.get("retired"),
        )
        for option in question.options
        if chosen[option["key"]] or not option.get("retired")
    ]
    label = question_label(question=question, petition=petition, language=language)
    return QuestionTally(question=question, label=label, answered=answered, options=options)
