"""A petition's own questions: written, worded anew, put in order and retired."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions import editing
from petitions.models import Petition, PetitionQuestion, QuestionKind
from petitions.organiser_forms import QuestionForm, with_known_words
from petitions.organiser_views.finding import head_of, own_petition
from petitions.organiser_views.settings import settings_page


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_question(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    petition = own_petition(request, slug)
    if kind not in QuestionKind.values:
        raise Http404
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        kind=QuestionKind(kind),
        default_language=petition.default_language,
    )
    if not form.is_bound or not form.is_valid():
        return _question_page(request, petition, form, kind=kind)
    return _add(request, petition, form, kind=QuestionKind(kind))


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    question = _asked_question(petition, question_id)
    if request.method != "POST":
        return _question_page(request, petition, _form_of(question, petition), question=question)
    form = _form_of(question, petition, data=request.POST)
    if form["seen"].value() != editing.mark_of(question):
        return _stale_page(request, petition, question)
    if not form.is_valid():
        return _question_page(request, petition, form, question=question)
    return _save(request, petition, question, form)


@team_role_required(RUN_PETITIONS)
@require_POST
def retire_question(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    try:
        editing.retire_question(
            petition_id=petition.pk, question_id=question_id, actor=signed_in_user(request), now=timezone.now()
        )
    except editing.QuestionGone as error:
        raise Http404 from error
    messages.success(request, gettext("The question is not asked any more. Its answers stay."))
    return redirect("petitions:petition-settings", slug=slug)


@team_role_required(RUN_PETITIONS)
@require_POST
def move_question_up(request: HttpRequest, slug: str, question_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    try:
        editing.move_question_up(
            petition_id=petition.pk, question_id=question_id, actor=signed_in_user(request), now=timezone.now()
        )
    except editing.QuestionGone as error:
        raise Http404 from error
    return redirect("petitions:petition-settings", slug=slug)


def _add(request: HttpRequest, petition: Petition, form: QuestionForm, *, kind: QuestionKind) -> HttpResponse:
    try:
        editing.add_question(
            petition_id=petition.pk,
            kind=kind,
            labels=form.labels,
            options=form.options,
            is_required=form.cleaned_data["is_required"],
            actor=signed_in_user(request),
            now=timezone.now(),
        )
    except editing.TooManyQuestions:
        refusal = gettext("The petition asks five questions already, and more it cannot ask. Retire one of them first.")
        return _question_page(request, petition, form, kind=kind, refusal=refusal, status=HTTPStatus.CONFLICT)
    messages.success(request, gettext("The question is on the form from now on."))
    return redirect("petitions:petition-settings", slug=petition.slug)


def _save(request: HttpRequest, petition: Petition, question: PetitionQuestion, form: QuestionForm) -> HttpResponse:
    try:
        editing.change_question(
            petition_id=petition.pk,
            question_id=question.pk,
            labels=form.labels,
            options=form.options,
            is_required=form.cleaned_data["is_required"],
            seen=form.cleaned_data["seen"],
            actor=signed_in_user(request),
            now=timezone.now(),
        )
    except editing.StaleQuestion:
        return _stale_page(request, petition, _asked_question(petition, question.pk))
    except editing.QuestionGone:
        refusal = gettext("Somebody has retired this question meanwhile, so nothing was written.")
        return settings_page(request, petition, refusal=refusal, status=HTTPStatus.CONFLICT)
    except editing.BadOptions:
        refusal = gettext("This question has had too many options over time. Retire it and ask a new one.")
        return _question_page(request, petition, form, question=question, refusal=refusal, status=422)
    messages.success(request, gettext("The question is saved."))
    return redirect("petitions:petition-settings", slug=petition.slug)


def _asked_question(petition: Petition, question_id: int) -> PetitionQuestion:
    return get_object_or_404(PetitionQuestion, petition=petition, pk=question_id, retired_at__isnull=True)


def _form_of(question: PetitionQuestion, petition: Petition, *, data: Any = None) -> QuestionForm:
    return QuestionForm(
        data,
        kind=QuestionKind(question.kind),
        default_language=petition.default_language,
        question=question,
        seen=editing.mark_of(question),
    )


def _stale_page(request: HttpRequest, petition: Petition, question: PetitionQuestion) -> HttpResponse:
    data = with_known_words(request.POST.dict(), question=question, mark=editing.mark_of(question))
    refusal = gettext(
        "Somebody else has changed this question while you were writing. Nothing was written yet: what you typed is below, with what they added. Saving again puts yours on top."
    )
    form = _form_of(question, petition, data=data)
    return _question_page(request, petition, form, question=question, refusal=refusal, status=HTTPStatus.CONFLICT)


def _question_page(
    request: HttpRequest,
    petition: Petition,
    form: QuestionForm,
    *,
    kind: str = "",
    question: PetitionQuestion | None = None,
    refusal: str = "",
    status: int = 0,
) -> HttpResponse:
    context = {
        **head_of(request, petition),
        "form": form,
        "question": question,
        "kind": question.kind if question else kind,
        "refusal": refusal,
    }
    sent = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "organise/question.html", context, status=status or sent)
