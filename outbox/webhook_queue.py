"""Owing an event to an endpoint: the row is written in the caller's transaction; a beat task posts it after the commit."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, F
from django.db.models.functions import Greatest

from outbox.webhook_models import OutgoingWebhook, WebhookState

_ID_BYTES = 16


def queue_webhook(
    *,
    endpoint_ids: list[int],
    event_type: str,
    event_key: str,
    occurred_at: datetime,
    data: dict[str, Any],
    now: datetime,
    is_test: bool = False,
) -> None:
    """
    This function will owe one event to each endpoint; owing the same `event_key` to one again changes nothing.

    Args:    event_type: as the receiver reads it, say "petition.milestone_reached".  data: JSON values; nothing about
             a person, for it leaves the site and is kept unsealed.
    Writes:  one OutgoingWebhook for each endpoint, in the caller's transaction; nothing is sent or enqueued here.
    """
    body = json.dumps(
        {"type": event_type, "timestamp": instant(occurred_at), "data": data}, separators=(",", ":"), ensure_ascii=False
    )
    owed = [
        OutgoingWebhook(
            endpoint_id=endpoint_id,
            webhook_id=f"msg_{secrets.token_hex(_ID_BYTES)}",
            event_type=event_type,
            event_key=event_key,
            is_test=is_test,
            body=body,
            created_at=now,
            due_at=now,
        )
        for endpoint_id in endpoint_ids
    ]
    OutgoingWebhook.objects.bulk_create(owed, ignore_conflicts=True)


def send_webhook_again(*, endpoint_id: int, webhook_row_id: int, now: datetime) -> bool:
    """
    This function will owe an event anew under the same webhook-id, with all its attempts before it.

    Returns: whether it is due again; not so one that is due already, whose body was purged, or of another endpoint.
    """
    ended = OutgoingWebhook.objects.filter(pk=webhook_row_id, endpoint_id=endpoint_id).exclude(body="")
    due_at = Greatest(F("created_at"), now, output_field=DateTimeField())  # clocks of two servers may differ
    return bool(
        ended.exclude(state=WebhookState.DUE).update(
            state=WebhookState.DUE, attempts=0, due_at=due_at, sent_at=None, last_answer=""
        )
    )


def instant(at: datetime) -> str:
    """This function will write an instant as every body of ours does: UTC, to the microsecond, with a Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
