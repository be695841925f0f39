"""Endpoints and events as their tests need them."""

import itertools
from datetime import datetime
from typing import Any

from django.utils import timezone

from outbox.webhook_delivery import deliver_webhooks
from outbox.webhook_models import OutgoingWebhook, WebhookEndpoint, sealed_secret, sealed_url
from outbox.webhook_queue import queue_webhook
from outbox.webhook_rules import make_secret

_numbers = itertools.count(1)


def make_endpoint(*, url: str = "https://receiver.example/hooks", now: datetime | None = None) -> WebhookEndpoint:
    now = now or timezone.now()
    return WebhookEndpoint.objects.create(
        url_sealed=sealed_url(url), secret_sealed=sealed_secret(make_secret()), free_at=now, created_at=now
    )


def owe_event(
    *endpoints: WebhookEndpoint, now: datetime | None = None, key: str | None = None, is_test: bool = False
) -> OutgoingWebhook:
    """An event owed to each endpoint; the row of the first one."""
    now = now or timezone.now()
    key = key or f"event:{next(_numbers)}"
    data: dict[str, Any] = {"petition": "keep-gpt-4o", "threshold": 20_000}
    queue_webhook(
        endpoint_ids=[endpoint.pk for endpoint in endpoints],
        event_type="petition.milestone_reached",
        event_key=key,
        occurred_at=now,
        data=data,
        now=now,
        is_test=is_test,
    )
    return OutgoingWebhook.objects.get(endpoint=endpoints[0], event_key=key)


def deliver(*, now: datetime | None = None) -> dict[str, int]:
    return dict(deliver_webhooks(now=now or timezone.now()))
