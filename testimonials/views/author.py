"""The pages behind an author's links: confirm, see, withdraw, erase, take away. The link is the whole key."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.answers import SeeOther, secret_page
from accounts.tokens import BadToken, ExpiredToken, open_token
from testimonials.actions.leaving import erase_testimonial, withdraw_consent, withdraw_testimonial
from testimonials.actions.letters import CONFIRM_PURPOSE, MANAGE_PURPOSE, my_story_token
from testimonials.actions.steps import StoryGone
from testimonials.actions.submitting import confirm_testimonial
from testimonials.models import ConsentPurpose, Status, Testimonial
from testimonials.queries.author import active_consents, author_story, last_decision, prospect_of, story_as_data
from testimonials.queries.crisis import crisis_resources
from testimonials.queries.moderation import reason_text
from testimonials.rules.stories import UNVERIFIED_LIFETIME, WITHDRAWN_RETENTION
from testimonials.views.stories import campaign_context


@secret_page("GET", "HEAD", "POST")
def confirm_story(request: HttpRequest, token: str) -> HttpResponse:
    try:
        testimonial_id = _opened(token, purpose=CONFIRM_PURPOSE)
        testimonial = _story_or_404(testimonial_id)
        if request.method == "POST":
            testimonial = confirm_testimonial(testimonial_id=testimonial_id, now=timezone.now())
    except (ExpiredToken, StoryGone):
        return render(request, "testimonials/link_expired.html", status=410)
    if testimonial.status in (Status.WITHDRAWN, Status.ERASED):
        return render(request, "testimonials/link_expired.html", status=410)
    if testimonial.status != Status.UNVERIFIED:
        return SeeOther(_my_story_url(testimonial))
    return render(request, "testimonials/confirm_story.html", _page_context(testimonial))


@secret_page("GET", "HEAD")
def my_story(request: HttpRequest, token: str) -> HttpResponse:
    testimonial = _own_story_or_404(token)
    if testimonial.status == Status.ERASED:
        return render(request, "testimonials/my_story_erased.html", _page_context(testimonial), status=410)
    decision = last_decision(testimonial=testimonial)
    reason = None
    if decision is not None and decision.reason_id is not None:
        reason = reason_text(code=decision.reason_id, language=get_language() or "en")
    context = {
        "token": token,
        "consents": active_consents(testimonial=testimonial),
        "prospect": prospect_of(testimonial=testimonial),
        "decision": decision,
        "reason": reason,
        "erased_on": testimonial.status_changed_at + WITHDRAWN_RETENTION,
    }
    return render(request, "testimonials/my_story.html", {**_page_context(testimonial), **context})


@secret_page("GET", "HEAD")
def my_story_data(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 # Django passes it
    testimonial = _own_story_or_404(token)
    response = JsonResponse(
        story_as_data(testimonial=testimonial), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response.headers["Content-Disposition"] = f'attachment; filename="story-{testimonial.pk.hex[:8]}.json"'
    return response


@secret_page("GET", "HEAD", "POST")
def withdraw_story(request: HttpRequest, token: str) -> HttpResponse:
    return _take_back(request, token, template="testimonials/withdraw_story.html", action=withdraw_testimonial)


@secret_page("GET", "HEAD", "POST")
def erase_story(request: HttpRequest, token: str) -> HttpResponse:
    return _take_back(request, token, template="testimonials/erase_story.html", action=erase_testimonial)


@secret_page("POST")
def withdraw_story_consent(request: HttpRequest, token: str, purpose: str) -> HttpResponse:  # noqa: ARG001 # Django passes it
    testimonial = _own_story_or_404(token)
    if purpose not in ConsentPurpose.values:
        raise Http404("no such purpose")
    with suppress(StoryGone):  # withdrawn with the story: what was asked for is already so
        withdraw_consent(testimonial_id=testimonial.pk, purpose=ConsentPurpose(purpose), now=timezone.now())
    return SeeOther(reverse("testimonials:my-story", kwargs={"token": token}))


def _take_back(request: HttpRequest, token: str, *, template: str, action: Callable[..., Testimonial]) -> HttpResponse:
    testimonial = _own_story_or_404(token)
    if request.method == "POST":
        testimonial = action(testimonial_id=testimonial.pk, now=timezone.now())
    if request.method == "POST" or testimonial.status == Status.ERASED:
        return SeeOther(reverse("testimonials:my-story", kwargs={"token": token}))
    context = {"token": token, "retention_days": WITHDRAWN_RETENTION.days}
    return render(request, template, {**_page_context(testimonial), **context})


def _page_context(testimonial: Testimonial) -> dict[str, Any]:
    help_lines = crisis_resources(language=get_language() or "en")
    return {**campaign_context(testimonial.campaign), "story": testimonial, "crisis_resources": help_lines}


def _own_story_or_404(token: str) -> Testimonial:
    return _story_or_404(_opened(token, purpose=MANAGE_PURPOSE))


def _story_or_404(testimonial_id: uuid.UUID) -> Testimonial:
    try:
        return author_story(testimonial_id=testimonial_id)
    except Testimonial.DoesNotExist as error:
        raise Http404("no such story") from error


def _opened(token: str, *, purpose: str) -> uuid.UUID:
    max_age = UNVERIFIED_LIFETIME if purpose == CONFIRM_PURPOSE else None
    try:
        opened = open_token(purpose=purpose, token=token, max_age=max_age, now=timezone.now())
        return uuid.UUID(hex=opened.fields[0])
    except ExpiredToken:
        raise
    except (BadToken, ValueError) as error:
        raise Http404("not a link of ours") from error


def _my_story_url(testimonial: Testimonial) -> str:
    token = my_story_token(testimonial=testimonial, now=timezone.now())
    return reverse("testimonials:my-story", kwargs={"token": token})
