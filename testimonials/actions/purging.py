"""Keeping the promise of how long things are kept."""

import uuid
from datetime import datetime

from django.db import transaction

from testimonials.actions.leaving import erase_testimonial
from testimonials.models import EventActor, EventVerb, Testimonial


def purge_expired_testimonials(*, now: datetime) -> int:
    """
    Erase every story whose period is over: unconfirmed for 7 days, withdrawn for 30, declined for 180.

    Returns: how many were erased. Each is a transaction of its own, so that a killed worker keeps what it did.
    """
    expired = list(
        Testimonial.objects.expired(now=now).order_by("status_changed_at", "id").values_list("pk", flat=True)
    )
    return sum(_purge(testimonial_id=testimonial_id, now=now) for testimonial_id in expired)


@transaction.atomic
def _purge(*, testimonial_id: uuid.UUID, now: datetime) -> bool:
    # Asked again under the lock: its author may have confirmed the story just now.
    locked = Testimonial.objects.expired(now=now).select_for_update().filter(pk=testimonial_id)
    if not locked.exists():
        return False
    erase_testimonial(testimonial_id=testimonial_id, now=now, verb=EventVerb.EXPIRED, actor=EventActor.SYSTEM)
    return True
