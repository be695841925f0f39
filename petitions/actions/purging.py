"""Forgetting on time: attempts that were never proved, and the people behind signatures whose purpose has ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from petitions.models import EMPTIED_BY_ERASURE, CommentState, PendingSignature, PetitionState, Signature

BATCH = 1_000


def expired_signing_data(*, now: datetime) -> dict[str, Callable[[], int]]:
    """
    This function will name each kind of data that is not kept for ever, with what forgets some of it.

    Returns: functions that tell how much they forgot; the caller repeats each until it is nothing.
    """
    closing, grace = settings.ADDRESS_RETENTION_AFTER_CLOSING, settings.SIGNING_GRACE_AFTER_CLOSING
    return {
        "attempts": partial(purge_expired_attempts, lifetime=settings.PENDING_SIGNATURE_LIFETIME, now=now),
        "digests": partial(forget_erased_identities, grace=grace, now=now),
        "signatures": partial(erase_old_addresses, retention=closing, now=now),
    }


def purge_expired_attempts(*, lifetime: timedelta, now: datetime) -> int:
    """
    Delete the attempts that no link can prove any more.

    Returns: how many.
    """
    deleted, _by_model = PendingSignature.objects.filter(created_at__lt=now - lifetime).delete()
    return deleted


def erase_old_addresses(*, retention: timedelta, now: datetime, batch: int = BATCH) -> int:
    """
    Take the people off signatures of petitions that closed longer ago than `retention`. The totals stay.

    Args:    batch: the most rows of one statement; the caller repeats until fewer come back.
    Returns: how many signatures name nobody any more.
    """
    closed = Signature.objects.filter(
        petition__state=PetitionState.CLOSED, petition__closes_at__lt=now - retention, identity_digest__isnull=False
    )
    ids = list(closed.order_by("id").values_list("pk", flat=True)[:batch])
    return Signature.objects.filter(pk__in=ids).update(
        identity_digest=None,
        **dict.fromkeys(EMPTIED_BY_ERASURE),
        comment_state=CommentState.NONE,
        wants_news=False,
        erased_at=now,
    )


def forget_erased_identities(*, grace: timedelta, now: datetime) -> int:
    """
    Drop the digests of signatures whose names were erased, once the petition takes no more proofs.

    Until then they keep one person from being counted twice (see models.Signature).
    """
    erased = Signature.objects.filter(erased_at__isnull=False, identity_digest__isnull=False)
    closed = erased.filter(petition__state=PetitionState.CLOSED, petition__closes_at__lt=now - grace)
    return closed.update(identity_digest=None)
