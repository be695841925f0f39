"""Owing a message: the row is written in the caller's transaction; a beat task delivers it after the commit."""

import json
from datetime import datetime
from typing import Any

from outbox.models import MessagePriority, OutgoingMessage
from outbox.sealing import seal

PAYLOAD_PURPOSE = "outbox.payload"


def queue_email(
    *,
    kind: str,
    unique_key: str,
    recipient: str,
    language: str,
    context: dict[str, Any],
    now: datetime,
    due_at: datetime | None = None,
    priority: MessagePriority = MessagePriority.NOTICE,
) -> None:
    """
    This function will owe one e-mail; owing the same `unique_key` again changes nothing.

    Args:    kind: folder under templates/emails/ holding subject.txt, body.txt and body.html.
             context: JSON values only; links are absolute. It is sealed with the recipient.
             due_at: earliest instant of delivery, `now` by default.
    Writes:  one OutgoingMessage, in the caller's transaction; nothing is sent or enqueued here.
    """
    payload = json.dumps({"recipient": recipient, "context": context}, ensure_ascii=False)
    message = OutgoingMessage(
        kind=kind,
        unique_key=unique_key,
        language=language,
        payload_sealed=seal(text=payload, purpose=PAYLOAD_PURPOSE),
        priority=priority,
        created_at=now,
        due_at=due_at or now,
    )
    OutgoingMessage.objects.bulk_create([message], ignore_conflicts=True)
