"""
Forgetting whom messages were for, when that person leaves.

Nobody who leaves waits for a mail server: a row that a delivery or a change of keys holds at that instant is written
down as owed, and emptied by the clock as soon as it is free. A delivery also looks there before it begins a message.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from outbox.flights import Statement
from outbox.models import MessageState, OutgoingMessage, OutgoingMessageQuerySet, OwedForgetting
from outbox.prepared import run_prepared

BATCH = 500
_IS_OWED = Statement("SELECT 1 FROM outbox_owedforgetting WHERE message_id = %(message_id)s")


def forget_messages(*, unique_keys: Collection[str], now: datetime) -> int:
    """
    This function will empty messages of recipient and content, in the caller's transaction; unknown keys change nothing.

    Args:    unique_keys: of messages in any state. One that is due will never leave.
    Returns: how many were emptied or will be.
    Writes:  the rows; an OwedForgetting for each that somebody else holds.
    """
    about_it = OutgoingMessage.objects.with_payload().filter(unique_key__in=unique_keys)
    emptied = _empty(about_it)
    held = list(about_it.order_by("pk").values_list("pk", flat=True))
    OwedForgetting.objects.bulk_create(
        [OwedForgetting(message_id=pk, owed_at=now) for pk in held], ignore_conflicts=True
    )
    return emptied + len(held)


def pay_owed_forgettings() -> int:
    """
    This function will empty what was held when its person left; what is held still stays owed.

    Returns: how many rows are owed no more.
    """
    with transaction.atomic():
        owed = OwedForgetting.objects.order_by("message_id").select_for_update(skip_locked=True)
        ids = list(owed.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return 0
        messages = OutgoingMessage.objects.filter(pk__in=ids)
        _empty(messages.with_payload())
        still_held = set(messages.with_payload().values_list("pk", flat=True))
        paid = [pk for pk in ids if pk not in still_held]
        OwedForgetting.objects.filter(pk__in=paid).delete()
        return len(paid)


def is_to_be_forgotten(*, message_id: int) -> bool:
    """This function will tell whether the person of a message left after its row was claimed for delivery."""
    return run_prepared(_IS_OWED, {"message_id": message_id}) is not None  # asked before every mail


def _empty(messages: OutgoingMessageQuerySet) -> int:
    free = messages.order_by("pk").select_for_update(skip_locked=True, no_key=True)
    return _forgotten(OutgoingMessage.objects.filter(pk__in=list(free.values_list("pk", flat=True))))


def _forgotten(locked: QuerySet[OutgoingMessage]) -> int:
    # Not deleted: the number of today's mails to one person is counted in these rows.
    never_leaves = When(state=MessageState.DUE, then=Value(MessageState.FORGOTTEN))
    return locked.update(
        state=Case(never_leaves, default="state"), payload_sealed=None, domain_digest=None, provider_id=""
    )
