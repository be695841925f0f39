"""What a team sees of its webhooks: where each leads, how it stands, and what became of its newest events."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from accounts.models import MOST_WEBHOOKS, Team, TeamWebhook
from accounts.webhook_words import EVENTS, TROUBLES
from outbox.sealing import CannotUnseal
from outbox.webhook_models import OutgoingWebhook, WebhookState
from outbox.webhook_targets import shown_url

EVENTS_SHOWN = 30
_FIGURES = {
    "failed": Count("endpoint__events", filter=Q(endpoint__events__state=WebhookState.FAILED)),
    "last_sent_at": Max("endpoint__events__sent_at"),
}


@dataclass(frozen=True, kw_only=True)
class ShownWebhook:
    """A webhook as its team sees it; `url` without its query, and "" when it cannot be opened."""

    webhook: TeamWebhook
    url: str
    failed: int
    last_sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ShownEvent:
    """
    An event as its team sees it, in the words of its reader.

    `petition` and `threshold` are what it is about, as long as its content is kept; "" and None where it has none.
    """

    event: OutgoingWebhook
    name: str
    petition: str
    threshold: int | None
    answer: str

    @property
    def may_go_again(self) -> bool:
        return self.event.state != WebhookState.DUE and bool(self.event.body)


def webhooks_of(*, team: Team) -> list[ShownWebhook]:
    """This function will list a team's webhooks by their number, MOST_WEBHOOKS at most; one statement."""
    webhooks = TeamWebhook.objects.filter(team=team).select_related("endpoint", "created_by").order_by("number")
    return [_shown(webhook) for webhook in webhooks.annotate(**_FIGURES)[:MOST_WEBHOOKS]]


def webhook_of(*, team: Team, endpoint_id: int) -> ShownWebhook | None:
    """This function will find one webhook of a team."""
    webhooks = TeamWebhook.objects.filter(team=team, pk=endpoint_id).select_related("endpoint", "created_by")
    webhook = webhooks.annotate(**_FIGURES).first()
    return _shown(webhook) if webhook else None


def newest_events(*, endpoint_id: int) -> list[ShownEvent]:
    """This function will list the newest events of an endpoint, EVENTS_SHOWN at most, the newest first."""
    events = OutgoingWebhook.objects.filter(endpoint_id=endpoint_id).order_by("-id")[:EVENTS_SHOWN]
    return [_shown_event(event) for event in events]


def _shown_event(event: OutgoingWebhook) -> ShownEvent:
    about = _data_of(event.body)
    return ShownEvent(
        event=event,
        name=str(EVENTS.get(event.event_type, event.event_type)),
        petition=about.get("petition", ""),
        threshold=about.get("threshold"),
        answer=str(TROUBLES.get(event.last_answer, event.last_answer)),
    )


def _data_of(body: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body).get("data", {}) if body else {}
    return data


def _shown(webhook: TeamWebhook) -> ShownWebhook:
    figures = vars(webhook)  # annotated
    return ShownWebhook(
        webhook=webhook, url=_url_of(webhook), failed=figures["failed"], last_sent_at=figures["last_sent_at"]
    )


def _url_of(webhook: TeamWebhook) -> str:
    try:
        return shown_url(webhook.endpoint.url())
    except CannotUnseal:
        return ""
