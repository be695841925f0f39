"""Keeping the promise of how long things are kept."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.retention import Retention
from testimonials.actions.leaving import erase_testimonial
from testimonials.models import EventActor, EventVerb, Testimonial
from testimonials.rules.stories import DECLINED_RETENTION, UNVERIFIED_LIFETIME, WITHDRAWN_RETENTION


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


def _kept_stories() -> str:
    days = UNVERIFIED_LIFETIME.days
    return ngettext(
        "%(days)d day unconfirmed, %(withdrawn)d days after being withdrawn, %(declined)d after being declined",
        "%(days)d days unconfirmed, %(withdrawn)d days after being withdrawn, %(declined)d after being declined",
        days,
    ) % {"days": days, "withdrawn": WITHDRAWN_RETENTION.days, "declined": DECLINED_RETENTION.days}


RETENTIONS = (
    Retention(
        kind="stories",
        what=_("Stories with the addresses of their authors"),
        kept=_kept_stories,
        forget_some=lambda now: purge_expired_testimonials(now=now),
    ),
)
