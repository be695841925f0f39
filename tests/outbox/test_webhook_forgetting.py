"""How long the content of events and old secrets stay, and what the operator is told of them."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from keep4o_site.metrics import collect_metrics
from keep4o_site.retention import ALL_RETENTIONS
from outbox.rules import FAILED_PAYLOAD_RETENTION
from outbox.webhook_forgetting import purge_webhooks
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState
from tests.factories import NOW
from tests.outbox.webhook_making import make_endpoint, owe_event

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(minutes=1)


def end(event: OutgoingWebhook, state: WebhookState, at: datetime) -> None:
    OutgoingWebhook.objects.filter(pk=event.pk).update(
        state=state, due_at=at, sent_at=at if state == WebhookState.SENT else None
    )


def test_the_content_of_an_event_goes_as_that_of_a_message_does() -> None:
    endpoint = make_endpoint(now=NOW)
    sent, failed, waiting = (owe_event(endpoint, now=NOW) for _ in range(3))
    end(sent, WebhookState.SENT, NOW)
    end(failed, WebhookState.FAILED, NOW)

    assert purge_webhooks(now=NOW + settings.DELIVERED_MESSAGE_RETENTION - A_MOMENT) == 0
    assert purge_webhooks(now=NOW + settings.DELIVERED_MESSAGE_RETENTION) == 1
    assert purge_webhooks(now=NOW + FAILED_PAYLOAD_RETENTION) == 1

    bodies = dict(OutgoingWebhook.objects.values_list("pk", "body"))
    assert (bodies[sent.pk], bodies[failed.pk]) == ("", "")
    assert bodies[waiting.pk]


def test_what_waits_for_an_endpoint_that_stays_off_ends_after_a_month() -> None:
    event = owe_event(make_endpoint(now=NOW), now=NOW)
    WebhookEndpoint.objects.update(disabled_at=NOW, disabled_reason=DisabledReason.BY_TEAM)

    assert purge_webhooks(now=NOW + FAILED_PAYLOAD_RETENTION) == 1

    event.refresh_from_db()
    assert (event.state, event.body) == (WebhookState.FAILED, "")


def test_an_old_secret_is_erased_when_its_overlap_is_over() -> None:
    endpoint = make_endpoint(now=NOW)
    until = NOW + timedelta(hours=24)
    WebhookEndpoint.objects.update(previous_secret_sealed=endpoint.secret_sealed, previous_secret_until=until)

    assert purge_webhooks(now=until - A_MOMENT) == 0
    assert purge_webhooks(now=until) == 1

    endpoint.refresh_from_db()
    assert endpoint.previous_secret_sealed is None
    assert endpoint.secret()


def test_the_clock_forgets_webhooks_too_and_they_are_about_nobody() -> None:
    [kind] = [kind for kind in ALL_RETENTIONS if kind.kind == "webhooks"]

    assert kind.forget_some(NOW) == 0
    assert not kind.is_about_people


def test_metrics_tell_what_is_due_how_old_it_is_what_failed_and_what_is_off() -> None:
    now = timezone.now()
    on, off = make_endpoint(now=now), make_endpoint(now=now)
    owe_event(on, off, now=now - timedelta(seconds=90))
    end(owe_event(on, now=now), WebhookState.FAILED, now)
    WebhookEndpoint.objects.filter(pk=off.pk).update(disabled_at=now, disabled_reason=DisabledReason.GONE)

    registry = collect_metrics(now=now)

    assert registry.get_sample_value("outbox_webhooks_due") == 1
    assert registry.get_sample_value("outbox_webhooks_oldest_due_age_seconds") == pytest.approx(90, abs=1)
    assert registry.get_sample_value("outbox_webhooks_failed") == 1
    assert registry.get_sample_value("outbox_webhook_endpoints_disabled") == 1
