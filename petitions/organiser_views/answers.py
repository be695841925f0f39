"""What signers answered: tallied by choice, listed as texts, and taken out row by row."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import READ_EXPORTS, RUN_PETITIONS
from petitions.actions.exporting import record_answers_export
from petitions.models import Petition, PetitionQuestion, QuestionKind
from petitions.organiser_views.finding import head_of, own_petition
from petitions.queries.answer_files import answer_columns, answer_rows
from petitions.queries.answers import question_label, question_tallies, questions_of, text_answers
from petitions.rules.cells import formula_safe

ROWS_PER_CHUNK = 200
_MOST_DIGITS = 18


@team_role_required(READ_EXPORTS)
@require_http_methods(["GET", "HEAD"])
def petition_answers(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug, roles=READ_EXPORTS)
    tallies = question_tallies(petition=petition, language=get_language() or "en")
    return render(request, "organise/answers.html", {**head_of(request, petition), "tallies": tallies})


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def petition_texts(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    question = get_object_or_404(PetitionQuestion, petition=petition, pk=question_id, kind=QuestionKind.TEXT)
    page = text_answers(petition=petition, question=question, before=number_from(request.GET.get("before", "")))
    context = {
        **head_of(request, petition),
        "label": question_label(question=question, petition=petition, language=get_language() or "en"),
        "page": page,
        "is_first": "before" not in request.GET,
    }
    return render(request, "organise/text_answers.html", context)


@team_role_required(RUN_PETITIONS)
@require_POST
def export_answers(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    record_answers_export(petition=petition, actor=signed_in_user(request), now=timezone.now())
    language = get_language() or "en"  # read here: the rows are written after the request has gone
    response = StreamingHttpResponse(_lines(petition, language), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{petition.slug}_answers.csv"'
    return response  # type: ignore[return-value]  # to Django and its decorators either is an answer


def number_from(text: str) -> int:
    """This function will read the number of a page's cursor, 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, line: str) -> str:
        return line


def _lines(petition: Petition, language: str) -> Iterator[str]:
    writer = csv.writer(_Echo())
    questions = questions_of(petition=petition)
    yield _line(writer, answer_columns(questions=questions, petition=petition, language=language))
    chunk: list[str] = []
    for row in answer_rows(petition=petition, questions=questions, language=language):
        chunk.append(_line(writer, row))
        if len(chunk) == ROWS_PER_CHUNK:
            yield "".join(chunk)
            chunk.clear()
    yield "".join(chunk)


def _line(writer: Any, cells: list[str]) -> str:
    line: str = writer.writerow([formula_safe(cell) for cell in cells])
    return line
