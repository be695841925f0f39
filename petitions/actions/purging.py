"""Forgetting on time: attempts that were never proved, and the people behind signatures whose purpose has ended."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.retention import Retention
from petitions.actions.cases import forget_networks_of_cases
from petitions.actions.preparing import forget_expired_exports
from petitions.models import ERASED, HoldRule, PendingSignature, PetitionState, Signature

BATCH = 1_000


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
    still_named = Signature.objects.filter(pk__in=ids, identity_digest__isnull=False)
    return still_named.update(**ERASED, identity_digest=None, erased_at=Coalesce("erased_at", Value(now)))


def forget_erased_identities(*, grace: timedelta, now: datetime) -> int:
    """
    Drop the digests of signatures whose names were erased, once the petition takes no more proofs.

    Until then they keep one person from being counted twice (see models.Signature).
    """
    erased = Signature.objects.filter(erased_at__isnull=False, identity_digest__isnull=False)
    closed = erased.filter(petition__state=PetitionState.CLOSED, petition__closes_at__lt=now - grace)
    return closed.update(identity_digest=None)


def forget_networks(*, retention: timedelta, now: datetime) -> int:
    """
    Empty the digests of visitors' networks on attempts, signatures and cases that are older than `retention`.

    Holds that ended before that go whole: a network's is a digest, too.

    Returns: how many.
    """
    until = now - retention
    attempts = PendingSignature.objects.filter(network_digest__isnull=False, created_at__lt=until)
    signatures = Signature.objects.filter(network_digest__isnull=False, signed_at__lt=until)
    in_cases = forget_networks_of_cases(created_before=until)
    holds, _by_model = HoldRule.objects.filter(ends_at__lt=until).delete()
    return attempts.update(network_digest=None) + signatures.update(network_digest=None) + in_cases + holds


def _kept_attempts() -> str:
    days = settings.PENDING_SIGNATURE_LIFETIME.days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def _kept_addresses() -> str:
    days = settings.ADDRESS_RETENTION_AFTER_CLOSING.days
    words = ngettext("%(days)d day after the petition closed", "%(days)d days after the petition closed", days)
    return words % {"days": days}


def _kept_digests() -> str:
    hours = round(settings.SIGNING_GRACE_AFTER_CLOSING / timedelta(hours=1))
    words = ngettext("%(hours)d hour after the petition closed", "%(hours)d hours after the petition closed", hours)
    return words % {"hours": hours}


def _kept_networks() -> str:
    days = settings.NETWORK_RETENTION.days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def _kept_exports() -> str:
    days = settings.EXPORT_RETENTION.days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


RETENTIONS = (
    Retention(
        kind="attempts",
        what=_("Attempts to sign that were never confirmed"),
        kept=_kept_attempts,
        forget_some=lambda now: purge_expired_attempts(lifetime=settings.PENDING_SIGNATURE_LIFETIME, now=now),
    ),
    Retention(
        kind="networks",
        what=_("Fingerprints of visitors' networks"),
        kept=_kept_networks,
        forget_some=lambda now: forget_networks(retention=settings.NETWORK_RETENTION, now=now),
    ),
    Retention(
        kind="digests",
        what=_("Fingerprints of signers who had erased their name"),
        kept=_kept_digests,
        forget_some=lambda now: forget_erased_identities(grace=settings.SIGNING_GRACE_AFTER_CLOSING, now=now),
    ),
    Retention(
        kind="signatures",
        what=_("Names and addresses of signers of closed petitions"),
        kept=_kept_addresses,
        forget_some=lambda now: erase_old_addresses(retention=settings.ADDRESS_RETENTION_AFTER_CLOSING, now=now),
    ),
    Retention(
        kind="exports",
        what=_("Prepared files of signatures as rows, without names"),
        kept=_kept_exports,
        forget_some=lambda now: forget_expired_exports(now=now),
    ),
)
