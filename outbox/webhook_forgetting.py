"""What of events and secrets goes when its time is over."""

from datetime import datetime

from django.conf import settings

from outbox.rules import FAILED_PAYLOAD_RETENTION
from outbox.webhook_models import OutgoingWebhook, WebhookEndpoint, WebhookState


def purge_webhooks(*, now: datetime) -> int:
    """
    This function will empty events that were taken some days ago or refused long ago, and end what waits for an endpoint
    that has been switched off for as long; it also erases secrets whose overlap is over.

    Returns: how many rows.
    """
    long_ago = now - FAILED_PAYLOAD_RETENTION
    kept = OutgoingWebhook.objects.exclude(body="")
    sent = kept.filter(state=WebhookState.SENT, sent_at__lte=now - settings.DELIVERED_MESSAGE_RETENTION)
    failed = kept.filter(state=WebhookState.FAILED, due_at__lte=long_ago)
    unwanted = kept.filter(state=WebhookState.DUE, due_at__lte=long_ago, endpoint__disabled_at__lte=long_ago)
    secrets = WebhookEndpoint.objects.filter(previous_secret_until__lte=now)
    return (
        sent.update(body="")
        + failed.update(body="")
        + unwanted.update(body="", state=WebhookState.FAILED)
        + secrets.update(previous_secret_sealed=None, previous_secret_until=None)
    )
