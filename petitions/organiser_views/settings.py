"""What a petition asks, who may sign it, and the words of consent. Each button is a POST of its own."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions import editing
from petitions.models import MOST_QUESTIONS, NewsConsent, Petition
from petitions.organiser_forms import AskedForm, ConsentForm, EligibilityForm
from petitions.organiser_views.finding import head_of, own_petition
from petitions.queries.answers import question_label, questions_of
from petitions.queries.asking import words_in
from petitions.queries.consents import consent_versions
from petitions.rules.questions import offered


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def petition_settings(request: HttpRequest, slug: str) -> HttpResponse:
    return settings_page(request, own_petition(request, slug))


@team_role_required(RUN_PETITIONS)
@require_POST
def change_asked(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = AskedForm(request.POST)
    done = gettext("The fields are saved.")
    return _change(request, petition, form, values=lambda: form.cleaned_data, action=editing.change_asked, done=done)


@team_role_required(RUN_PETITIONS)
@require_POST
def change_eligibility(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = EligibilityForm(request.POST)
    done = gettext("The rule is saved. The petition's page says it to everybody.")
    return _change(
        request, petition, form, values=lambda: form.cleaned_data, action=editing.change_eligibility, done=done
    )


@team_role_required(RUN_PETITIONS)
@require_POST
def publish_news_consent(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = ConsentForm(request.POST, default_language=petition.default_language)
    done = gettext("The words are published. Who agreed before keeps the version that they agreed to.")
    try:
        return _change(
            request, petition, form, values=lambda: _consent_of(form), action=editing.publish_news_consent, done=done
        )
    except editing.StaleConsent:
        newest = consent_versions(petition=petition)[0].consent
        on_top = {**request.POST.dict(), "seen_version": newest.version if newest else 0}
        form = ConsentForm(on_top, default_language=petition.default_language)
        refusal = gettext(
            "Somebody published another version of these words while you were writing. What you typed is below; publishing it again puts it on top of theirs."
        )
        return settings_page(request, petition, form=form, refusal=refusal, status=HTTPStatus.CONFLICT)


def settings_page(
    request: HttpRequest, petition: Petition, *, form: forms.Form | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """This function will show the page of the settings; a form that was sent keeps what was typed."""
    versions = consent_versions(petition=petition)
    questions = _question_rows(petition, get_language() or "en")
    asked = [row for row in questions if row["question"].retired_at is None]
    context = {
        **head_of(request, petition),
        "asked": asked,
        "retired": [row for row in questions if row not in asked],
        "most_questions": MOST_QUESTIONS,
        "is_full": len(asked) >= MOST_QUESTIONS,
        "versions": versions,
        "refusal": refusal,
        "failed_form": form if form is not None and form.errors else None,
        "forms": _forms(petition, form, newest=versions[0].consent),
    }
    return render(request, "organise/petition_settings.html", context, status=status)


def _change(
    request: HttpRequest,
    petition: Petition,
    form: forms.Form,
    *,
    values: Callable[[], dict[str, Any]],
    action: Callable[..., object],
    done: str,
) -> HttpResponse:
    if not form.is_valid():
        return settings_page(request, petition, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        action(petition_id=petition.pk, **values(), actor=signed_in_user(request), now=timezone.now())
    except (editing.CountryNeeded, editing.NobodyNamed) as error:
        petition.refresh_from_db()
        return settings_page(
            request, petition, form=form, refusal=_reason(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    messages.success(request, done)
    return redirect("petitions:petition-settings", slug=petition.slug)


def _reason(error: editing.EditingError) -> str:
    if isinstance(error, editing.CountryNeeded):
        return gettext(
            "A rule about countries needs the country to be asked for: ask for it, or choose another rule first."
        )
    return gettext("A rule needs at least one domain or country.")


def _consent_of(form: ConsentForm) -> dict[str, Any]:
    return {"labels": form.labels, "seen_version": form.cleaned_data["seen_version"]}


def _question_rows(petition: Petition, language: str) -> list[dict[str, Any]]:
    default = petition.default_language
    return [
        {
            "question": question,
            "label": question_label(question=question, petition=petition, language=language),
            "options": [
                words_in(option["labels"], language=language, default=default) for option in offered(question.options)
            ],
            "missing": [code for code, _name in settings.LANGUAGES if code not in question.labels],
        }
        for question in questions_of(petition=petition)
    ]


def _forms(petition: Petition, sent: forms.Form | None, *, newest: NewsConsent | None) -> dict[str, forms.Form]:
    """This function will prepare every form of the page; the one that was sent keeps what was typed."""
    rule = {
        "who_may_sign": petition.who_may_sign,
        "allowed_domains": "\n".join(petition.allowed_domains),
        "allowed_countries": petition.allowed_countries,
    }
    words = {f"words_{code}": text for code, text in newest.labels.items()} if newest else {}
    consent = {**words, "seen_version": newest.version if newest else 0}
    fresh: list[forms.Form] = [
        AskedForm(initial={name: getattr(petition, name) for name in AskedForm.base_fields}),
        EligibilityForm(initial=rule),
        ConsentForm(initial=consent, default_language=petition.default_language),
    ]
    return {type(form).__name__: sent if sent is not None and type(sent) is type(form) else form for form in fresh}
