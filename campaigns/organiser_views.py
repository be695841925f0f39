"""Organisers' pages: the chronology of their campaigns, event by event."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import team_role_required
from accounts.roles import RUN_PETITIONS, teams_of
from campaigns.actions import events as actions
from campaigns.actions.errors import EventKeyTaken, EventNeedsSource
from campaigns.forms.events import EventForms
from campaigns.models import Campaign, Event
from campaigns.queries.campaigns import editable_event, events_for_editors, team_campaigns
from campaigns.queries.texts import best_text
from campaigns.rules.moments import Moment, Precision

_UTC = ZoneInfo("UTC")


@team_role_required(RUN_PETITIONS)
@require_safe
def organise_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = _campaign(request, slug)
    rows = [
        {"event": event, "moment": Moment(at=event.occurs_at, precision=Precision(event.precision))}
        for event in events_for_editors(campaign=campaign)
    ]
    return render(request, "campaigns/organise_campaign.html", {**_context(campaign), "rows": rows})


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_event(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = _campaign(request, slug)
    forms = EventForms(event=None, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and forms.is_valid():
        try:
            event = actions.add_event(campaign=campaign, draft=forms.draft(), now=timezone.now())
        except EventKeyTaken:
            forms.main.add_error("key", gettext("Another event of this campaign has this name."))
        else:
            messages.success(request, gettext("The event is kept. It is not public yet."))
            return redirect("campaigns:organise-edit-event", slug, event.key)
    return _event_page(request, campaign=campaign, event=None, forms=forms)


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_event(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    campaign = _campaign(request, slug)
    event = _event(campaign, key)
    forms = EventForms(event=event, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and forms.is_valid():
        try:
            actions.revise_event(event_id=event.pk, draft=forms.draft(), now=timezone.now())
        except EventNeedsSource:
            forms.main.add_error(
                None, gettext("A public event needs a source. Name one, or take the event back first.")
            )
        else:
            messages.success(request, gettext("The event is kept."))
            return redirect("campaigns:organise-campaign", slug)
    return _event_page(request, campaign=campaign, event=event, forms=forms)


@team_role_required(RUN_PETITIONS)
@require_POST
def publish_event(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    event = _event(_campaign(request, slug), key)
    try:
        actions.publish_event(event_id=event.pk, now=timezone.now())
    except EventNeedsSource:
        messages.error(request, gettext("No event is public without a source. Name one first."))
        return redirect("campaigns:organise-edit-event", slug, key)
    messages.success(request, gettext("The event is public."))
    return redirect("campaigns:organise-campaign", slug)


@team_role_required(RUN_PETITIONS)
@require_POST
def unpublish_event(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    event = _event(_campaign(request, slug), key)
    actions.unpublish_event(event_id=event.pk, now=timezone.now())
    messages.success(request, gettext("The event is no longer public."))
    return redirect("campaigns:organise-campaign", slug)


def _campaign(request: HttpRequest, slug: str) -> Campaign:
    return get_object_or_404(team_campaigns(teams=teams_of(user=request.user, roles=RUN_PETITIONS)), slug=slug)


def _context(campaign: Campaign) -> dict[str, Any]:
    text = best_text(campaign.texts.all(), get_language() or "en")
    return {"campaign": campaign, "campaign_title": text.title if text else campaign.slug, "utc": _UTC}


def _event(campaign: Campaign, key: str) -> Event:
    event = editable_event(campaign=campaign, key=key)
    if event is None:
        raise Http404
    return event


def _event_page(request: HttpRequest, *, campaign: Campaign, event: Event | None, forms: EventForms) -> HttpResponse:
    context = {**_context(campaign), "event": event, "forms": forms}
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/organise_event.html", context, status=status)
