"""What moderators see and do. Every page is for the teams of its viewer only; another team's story is a 404."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import team_role_required
from accounts.models import User
from accounts.roles import MODERATE
from testimonials.actions.deciding import (
    DecisionNotOffered,
    OwnStory,
    Seen,
    StaleDecision,
    UnknownRevision,
    approve_testimonial,
    decline_testimonial,
)
from testimonials.forms import DecisionForm
from testimonials.models import DecisionAction, ReasonCode, Status, Testimonial
from testimonials.queries.author import active_consents
from testimonials.queries.campaigns import campaign_title
from testimonials.queries.crisis import crisis_resources
from testimonials.queries.moderation import (
    author_language,
    history_of,
    is_own_story,
    moderated_story,
    moderation_queue,
    offered_reasons,
    queue_figures,
    queue_rows,
)

STORIES_PER_PAGE = 25


@team_role_required(MODERATE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    user, now = _moderator(request), timezone.now()
    page = Paginator(moderation_queue(user=user), STORIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queue_rows(stories=page.object_list, language=get_language() or "en"),
        "figures": queue_figures(user=user, now=now),
        "now": now,
    }
    return render(request, "moderate/queue.html", {**context, **_moderators_help()})


@team_role_required(MODERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def story(request: HttpRequest, testimonial_id: uuid.UUID) -> HttpResponse:
    testimonial = _story_or_404(request, testimonial_id)
    if request.method != "POST":
        return _story_page(request, testimonial, _decision_form(testimonial))
    form = _decision_form(testimonial, data=request.POST)
    if is_own_story(user=_moderator(request), testimonial=testimonial):
        return _story_page(request, testimonial, form, status=403)
    if not form.is_valid():
        return _story_page(request, testimonial, form, status=422)
    return _decide(request, testimonial, form)


def _decide(request: HttpRequest, testimonial: Testimonial, form: DecisionForm) -> HttpResponse:
    try:
        _decision(request, testimonial, form)
    except StaleDecision:
        return _conflict_page(request, testimonial, form)
    except OwnStory:
        return _story_page(request, testimonial, form, status=403)
    except UnknownRevision:
        form.add_error(None, gettext("The text that you were looking at is not part of this story."))
        return _story_page(request, testimonial, form, status=422)
    except DecisionNotOffered:
        form.add_error(None, gettext("This story is not waiting for a decision."))
        return _story_page(request, testimonial, form, status=422)
    messages.success(request, _said(form))
    return redirect("testimonials:moderation-queue")


def _decision(request: HttpRequest, testimonial: Testimonial, form: DecisionForm) -> None:
    sent = form.cleaned_data
    seen = Seen(revision_id=sent["revision"], version=sent["version"])
    moderator, now = _moderator(request), timezone.now()
    if sent["action"] == DecisionAction.APPROVE:
        approve_testimonial(testimonial=testimonial, seen=seen, moderator=moderator, now=now)
        return
    decline_testimonial(
        testimonial=testimonial,
        seen=seen,
        reason=ReasonCode.objects.get(pk=sent["reason"]),
        message=sent["message"],
        moderator=moderator,
        now=now,
    )


def _said(form: DecisionForm) -> str:
    if form.cleaned_data["action"] == DecisionAction.APPROVE:
        return gettext("The story is published, and its author is told by e-mail.")
    return gettext("The story is declined, and its author is told why by e-mail.")


def _story_page(
    request: HttpRequest, testimonial: Testimonial, form: DecisionForm, *, status: int = 200
) -> HttpResponse:
    user = _moderator(request)
    context = {
        **_story_context(testimonial),
        **_moderators_help(),
        "form": form,
        "consents": active_consents(testimonial=testimonial),
        "is_own_story": is_own_story(user=user, testimonial=testimonial),
        "author_reasons": offered_reasons(language=author_language(testimonial=testimonial)),
        "now": timezone.now(),
    }
    return render(request, "moderate/story.html", context, status=status)


def _conflict_page(request: HttpRequest, testimonial: Testimonial, form: DecisionForm) -> HttpResponse:
    current = _story_or_404(request, testimonial.pk)
    history = history_of(testimonial_id=current.pk)
    context = {**_story_context(current), "form": form, "last_event": history[-1] if history else None}
    return render(request, "moderate/conflict.html", context, status=409)


def _story_context(testimonial: Testimonial) -> dict[str, Any]:
    return {
        "story": testimonial,
        "campaign_title": campaign_title(campaign=testimonial.campaign, language=get_language() or "en"),
        "history": history_of(testimonial_id=testimonial.pk),
        "author_language": author_language(testimonial=testimonial),
        "is_open": testimonial.status == Status.PENDING,
    }


def _decision_form(testimonial: Testimonial, *, data: Any = None) -> DecisionForm:
    initial = {"version": testimonial.version, "revision": testimonial.current_revision_id}
    return DecisionForm(data, reasons=offered_reasons(language=get_language() or "en"), initial=initial)


def _moderators_help() -> dict[str, Any]:
    return {"crisis_resources": crisis_resources(language=get_language() or "en")}


def _story_or_404(request: HttpRequest, testimonial_id: uuid.UUID) -> Testimonial:
    try:
        return moderated_story(user=_moderator(request), testimonial_id=testimonial_id)
    except Testimonial.DoesNotExist as error:
        raise Http404("no such story") from error


def _moderator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # team_role_required lets nobody else in
    return request.user
