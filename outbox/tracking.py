"""
What mail providers tell us of messages that left: delivered, bounced, called spam. Each event changes things once.

Events come repeated, out of order, about messages of others, and before the commit that says their message left.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from outbox.models import DeliveryEvent, DeliveryEventKind, OutgoingMessage, SuppressionReason
from outbox.rules import DELIVERY_EVENT_RETENTION, UNMATCHED_EVENT_PATIENCE
from outbox.sealing import CannotUnseal
from outbox.suppression import suppress_address

MATCH_BATCH = 500
# When a message came back for more than one reason, the first instant of each stays.
_INSTANTS = {
    DeliveryEventKind.DELIVERED: "delivered_at",
    DeliveryEventKind.BOUNCED: "bounced_at",
    DeliveryEventKind.REJECTED: "bounced_at",  # the provider's own list: for its reader it is the same
    DeliveryEventKind.COMPLAINED: "complained_at",
}


@dataclass(frozen=True, kw_only=True)
class ToldEvent:
    """One event as its provider told it. `recipient` is only ever digested."""

    provider: str
    event_id: str
    kind: DeliveryEventKind
    provider_id: str  # the message, as the provider names it
    recipient: str
    ends_writing: bool
    occurred_at: datetime


@transaction.atomic
def record_event(*, told: ToldEvent, now: datetime) -> bool:
    """
    This function will note what a provider tells of a message; telling it again changes nothing.

    Returns: whether it was new.
    Writes:  a DeliveryEvent; the instant on its message; a Suppression when the mailbox is gone or its reader complained.
             An event of a message that is not known yet waits for it, see `match_awaited_events`.
    """
    message = _message_of(told.provider_id)
    event, is_new = DeliveryEvent.objects.get_or_create(
        provider=told.provider,
        event_id=told.event_id,
        defaults={
            "kind": told.kind,
            "message": message,
            "awaited_provider_id": "" if message else told.provider_id,
            "ends_writing": told.ends_writing,
            "occurred_at": told.occurred_at,
        },
    )
    if is_new and message is not None:
        _apply(event, message, told.recipient, now)
    return is_new


@transaction.atomic
def match_awaited_events(*, now: datetime) -> int:
    """
    This function will give events that came too early to their messages; after a day they are nobody's.

    Returns: how many found their message.
    """
    awaiting = DeliveryEvent.objects.exclude(awaited_provider_id="")
    awaiting.filter(occurred_at__lt=now - UNMATCHED_EVENT_PATIENCE).delete()
    # The newest first: those of other senders of the same account, which never match, must not stand in the way.
    newest = awaiting.order_by("-id").select_for_update(skip_locked=True)[:MATCH_BATCH]
    return sum(_match(event, now) for event in newest)


def forget_old_events(*, now: datetime) -> int:
    """This function will delete events that nobody asks for any more; returns how many."""
    return DeliveryEvent.objects.filter(occurred_at__lt=now - DELIVERY_EVENT_RETENTION).delete()[0]


def _match(event: DeliveryEvent, now: datetime) -> bool:
    message = _message_of(event.awaited_provider_id)
    if message is None:
        return False
    event.message = message
    event.awaited_provider_id = ""
    event.save(update_fields=["message", "awaited_provider_id"])
    _apply(event, message, "", now)
    return True


def _message_of(provider_id: str) -> OutgoingMessage | None:
    if not provider_id:
        return None
    return OutgoingMessage.objects.filter(provider_id=provider_id).order_by("-id").first()


def _apply(event: DeliveryEvent, message: OutgoingMessage, told_recipient: str, now: datetime) -> None:
    column = _INSTANTS.get(DeliveryEventKind(event.kind))
    if column:
        instant = Coalesce(column, event.occurred_at)
        OutgoingMessage.objects.filter(pk=message.pk).update(**{column: instant})
    recipient = _recipient(message) or told_recipient
    if event.ends_writing and recipient:
        is_complaint = event.kind == DeliveryEventKind.COMPLAINED
        reason = SuppressionReason.COMPLAINED if is_complaint else SuppressionReason.BOUNCED
        suppress_address(address=recipient, reason=reason, now=now)


def _recipient(message: OutgoingMessage) -> str:
    """This function will read to whom we wrote, which a provider may spell otherwise; "" once the row forgot it."""
    try:
        return message.payload().recipient
    except CannotUnseal:
        return ""
