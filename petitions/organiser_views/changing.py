"""One petition in the hands of its organisers: its state, words, closing and ladder. Each button is a POST of its own."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.models import User
from accounts.roles import RUN_PETITIONS
from petitions.actions import editing
from petitions.models import Petition
from petitions.organiser_forms import CloseForm, ClosingForm, PauseForm, ScheduleForm, TextForm
from petitions.queries.counts import count_of, milestone_ahead
from petitions.queries.organising import milestones_reached, petitions_for, texts_by_language
from petitions.queries.texts import newest_texts, petition_title
from petitions.rules.ladder import STATES_BEFORE

Change = Callable[..., Petition]


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def organise_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _petition_page(request, _own_petition(request, slug))


@team_role_required(RUN_PETITIONS)
@require_POST
def open_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.open_petition, forms.Form, gettext("The petition is open."))


@team_role_required(RUN_PETITIONS)
@require_POST
def schedule_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.schedule_petition, ScheduleForm, gettext("The opening is scheduled."))


@team_role_required(RUN_PETITIONS)
@require_POST
def unschedule_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.unschedule_petition, forms.Form, gettext("The petition is a draft again."))


@team_role_required(RUN_PETITIONS)
@require_POST
def pause_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.pause_petition, PauseForm, gettext("The petition is paused."))


@team_role_required(RUN_PETITIONS)
@require_POST
def resume_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.resume_petition, forms.Form, gettext("The petition is open again."))


@team_role_required(RUN_PETITIONS)
@require_POST
def close_petition(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, _close_surely, CloseForm, gettext("The petition is closed."))


@team_role_required(RUN_PETITIONS)
@require_POST
def change_closing(request: HttpRequest, slug: str) -> HttpResponse:
    return _change(request, slug, editing.change_closing, ClosingForm, gettext("The closing is saved."))


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_text(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    petition = _own_petition(request, slug)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if request.method != "POST":
        return _text_page(request, petition, language, _text_form(petition, language))
    form = TextForm(request.POST, language=language)
    if not form.is_valid():
        return _text_page(request, petition, language, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _publish(request, petition, language, form)


def _publish(request: HttpRequest, petition: Petition, language: str, form: TextForm) -> HttpResponse:
    try:
        text = editing.publish_text(
            petition_id=petition.pk,
            language=language,
            **form.cleaned_data,
            actor=signed_in_user(request),
            now=timezone.now(),
        )
    except editing.StaleText:
        return _text_page(request, petition, language, _on_top_of_newest(form, petition, language), status=409)
    done = gettext("Version %(version)d of the text is published.") % {"version": text.version}
    messages.success(request, done)
    return redirect("petitions:organise-petition", slug=petition.slug)


def _on_top_of_newest(form: TextForm, petition: Petition, language: str) -> TextForm:
    """This function will keep what was typed and let it be published over the version that is now shown beside it."""
    newest = newest_texts(petition_id=petition.pk)[language]
    return TextForm({**form.cleaned_data, "seen_version": newest.version}, language=language)


def _change(request: HttpRequest, slug: str, action: Change, form_class: type[forms.Form], done: str) -> HttpResponse:
    """This function will run one action of one button; what is refused is said on the page, and nothing typed is lost."""
    petition = _own_petition(request, slug)
    with timezone.override(petition.timezone):
        form = form_class(request.POST)
        if form.is_valid():
            try:
                action(petition_id=petition.pk, **form.cleaned_data, actor=signed_in_user(request), now=timezone.now())
            except editing.EditingError as error:
                return _refused(request, petition, form, error)
            messages.success(request, done)
            return redirect("petitions:organise-petition", slug=petition.slug)
    return _petition_page(request, petition, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _refused(request: HttpRequest, petition: Petition, form: forms.Form, error: editing.EditingError) -> HttpResponse:
    is_stale = isinstance(error, editing.IllegalTransition)
    status = HTTPStatus.CONFLICT if is_stale else HTTPStatus.UNPROCESSABLE_ENTITY
    petition.refresh_from_db()
    return _petition_page(request, petition, form=form, refusal=_reason(error), status=status)


def _reason(error: editing.EditingError) -> str:
    if isinstance(error, editing.TextMissing):
        return gettext("Publish a text in the main language first: nobody could read the petition.")
    if isinstance(error, editing.ImpossibleTime):
        return gettext("The opening and the closing must lie ahead, the closing after the opening.")
    return gettext("The petition has changed in the meantime, so nothing was done. Its state is shown below.")


def _close_surely(*, petition_id: int, sure: bool, actor: User, now: datetime) -> Petition:  # noqa: ARG001 # the form asks
    return editing.close_petition(petition_id=petition_id, actor=actor, now=now)


def _own_petition(request: HttpRequest, slug: str) -> Petition:
    return get_object_or_404(petitions_for(user=signed_in_user(request), roles=RUN_PETITIONS), slug=slug)


def _petition_page(
    request: HttpRequest, petition: Petition, *, form: forms.Form | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "petition": petition,
        "title": petition_title(petition=petition, language=get_language() or "en"),
        "count": count_of(petition),
        "next_milestone": milestone_ahead(petition, now=timezone.now()),
        "milestones": milestones_reached(petition=petition),
        "texts": texts_by_language(petition=petition, languages=[code for code, _name in settings.LANGUAGES]),
        "can_become": [state for state, before in STATES_BEFORE.items() if petition.state in before],
        "refusal": refusal,
        "forms": _forms(petition, form),
        "failed_form": form if form is not None and form.errors else None,
    }
    with timezone.override(petition.timezone):
        return render(request, "organise/organise_petition.html", context, status=status)


def _forms(petition: Petition, sent: forms.Form | None) -> dict[str, forms.Form]:
    """This function will prepare every form of the page; the one that was sent keeps what was typed."""
    fresh: list[forms.Form] = [
        ScheduleForm(initial={"opens_at": petition.opens_at}),
        PauseForm(),
        CloseForm(),
        ClosingForm(initial={"closes_at": petition.closes_at}),
    ]
    return {type(form).__name__: sent if sent is not None and type(sent) is type(form) else form for form in fresh}


def _text_form(petition: Petition, language: str) -> TextForm:
    newest = newest_texts(petition_id=petition.pk).get(language)
    initial: dict[str, Any] = {"seen_version": 0}
    if newest is not None:
        initial = {
            "title": newest.title,
            "summary": newest.summary,
            "body": newest.body,
            "seen_version": newest.version,
        }
    return TextForm(initial=initial, language=language)


def _text_page(
    request: HttpRequest, petition: Petition, language: str, form: TextForm, status: int = 200
) -> HttpResponse:
    context = {
        "petition": petition,
        "title": petition_title(petition=petition, language=get_language() or "en"),
        "language": language,
        "language_name": get_language_info(language)["name_translated"],
        "form": form,
        "is_stale": status == HTTPStatus.CONFLICT,
        "newest": newest_texts(petition_id=petition.pk).get(language),
    }
    return render(request, "organise/edit_text.html", context, status=status)
