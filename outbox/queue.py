"""Owing a message: the row is written in the caller's transaction; a beat task delivers it after the commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, F
from django.db.models.functions import Greatest

from outbox.digests import domain_digest
from outbox.models import UNSUBSCRIBE_URL, MessagePriority, MessageState, OutgoingMessage, Payload


class UnsubscribeLinkMissing(ValueError):
    """Bulk mail was to be owed without the one click that ends it."""


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
    unsubscribe_url: str = "",
) -> None:
    """
    This function will owe one e-mail; owing the same `unique_key` again changes nothing.

    Args:    kind: folder under templates/emails/ holding subject.txt, body.txt and body.html.
             context: JSON values only; links are absolute. It is sealed with the recipient.
             due_at: earliest instant of delivery, `now` by default.
             unsubscribe_url: where one POST without a cookie ends such mail for its reader (RFC 8058). Bulk mail must
             have one; its templates find it as `unsubscribe_url`.
    Raises:  UnsubscribeLinkMissing.
    Writes:  one OutgoingMessage, in the caller's transaction; nothing is sent or enqueued here.
    """
    if priority == MessagePriority.BULK and not unsubscribe_url:
        raise UnsubscribeLinkMissing(kind)
    if unsubscribe_url:
        context = {**context, UNSUBSCRIBE_URL: unsubscribe_url}
    message = OutgoingMessage(
        kind=kind,
        unique_key=unique_key,
        language=language,
        payload_sealed=Payload(recipient=recipient, context=context).sealed(),
        domain_digest=domain_digest(address=recipient),
        priority=priority,
        created_at=now,
        due_at=due_at or now,
    )
    OutgoingMessage.objects.bulk_create([message], ignore_conflicts=True)


def try_again(*, message_ids: Iterable[int], now: datetime) -> int:
    """
    This function will owe failed messages anew, with all their attempts before them.

    Returns: how many are due again; a message that has not failed, or whose payload was purged, is left as it is.
    Writes:  state, attempts, due_at and last_error of those rows, in one statement.
    """
    failed = OutgoingMessage.objects.failed().with_payload().filter(pk__in=message_ids)
    due_at = Greatest(F("created_at"), now, output_field=DateTimeField())  # clocks of two servers may differ
    return failed.update(state=MessageState.DUE, attempts=0, due_at=due_at, last_error="")
