"""Leaving: a supporter withdraws a signature, or takes their name off it, and nothing anywhere names them any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from outbox.forgetting import forget_messages
from petitions.models import ERASED, PendingSignature, Petition, Signature, TallyEntry, TallyReason
from petitions.queries.links import open_my_signature_token
from petitions.queries.mail_keys import attempt_keys_of, confirmation_key, digests_of, news_keys_of
from petitions.rules.periods import bucket_start
from petitions.rules.signing import takes_proofs


class SignatureGone(Exception):
    """The signature was withdrawn, or nobody can be found in it any more."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What leaving took: how many attempts were deleted, and how many messages emptied."""

    attempts: int
    messages: int


def withdraw_signature(*, token: str, now: datetime) -> None:
    """
    Withdraw a signature: nothing of it is left, and the count goes down by one.

    Raises: BadToken; SignatureGone, also for the second of two at once.
    Writes: as `withdraw`.
    """
    with transaction.atomic():
        withdraw(signature=lock_signature(token=token, now=now), now=now)


def erase_signature(*, token: str, now: datetime) -> None:
    """
    Take name and address off a signature that goes on counting. Erasing twice changes nothing.

    Raises: BadToken; SignatureGone.
    Writes: as `erase`.
    """
    with transaction.atomic():
        erase(signature=lock_signature(token=token, now=now), now=now)


def withdraw(*, signature: Signature, now: datetime) -> Left:
    """
    Withdraw a signature that the caller has locked, in the caller's transaction.

    Writes: deletes the row and the person's attempts, empties the mails about them; a TallyEntry of -1 in the quarter
            hour that the +1 entered, unless the signature is not counted: held, or taken off by a case before.
    """
    left = forget_person(petition=signature.petition, digests=digests_of(signature), now=now)
    messages = _forget_mails_of(signature, now=now)
    owe_entry(signature, delta=-1, reason=TallyReason.WITHDRAWN, country=signature.country, now=now)
    signature.delete()
    return Left(attempts=left.attempts, messages=left.messages + messages)


def erase(*, signature: Signature, now: datetime) -> Left:
    """
    Take the person off a signature that the caller has locked, in the caller's transaction.

    Writes: empties whatever names or describes them (models.ERASED), deletes their attempts, empties the mails about
            them. The digest stays until nobody can sign any more (see models.Signature); then
            purging.forget_erased_identities takes it.
    """
    petition = signature.petition
    left = forget_person(petition=petition, digests=digests_of(signature), now=now)
    messages = _forget_mails_of(signature, now=now)
    grace = settings.SIGNING_GRACE_AFTER_CLOSING
    if not takes_proofs(state=petition.state, closes_at=petition.closes_at, grace=grace, now=now):
        signature.identity_digest = None
    for column, emptied in ERASED.items():
        setattr(signature, column, emptied)
    signature.erased_at = signature.erased_at or now
    signature.save(update_fields=["identity_digest", "erased_at", *ERASED])
    return Left(attempts=left.attempts, messages=left.messages + messages)


def forget_person(*, petition: Petition, digests: Collection[bytes], now: datetime) -> Left:
    """
    Forget everything that one person left at a petition beside a signature, in the caller's transaction.

    Args:   digests: all by which the person was ever known.
    Writes: deletes their attempts: one left behind would be a link that signs again what its owner has just left;
            empties the mails that they were sent for any attempt, whoever typed it.
    """
    attempts, _by_model = PendingSignature.objects.filter(petition=petition, identity_digest__in=digests).delete()
    messages = forget_messages(unique_keys=attempt_keys_of(petition=petition, digests=digests, now=now), now=now)
    return Left(attempts=attempts, messages=messages)


def lock_signature(*, token: str, now: datetime) -> Signature:
    """This function will find the signature of a link and make its other changes wait until the commit."""
    signatures = Signature.objects.select_related("petition").select_for_update(of=("self",))
    signature_id = open_my_signature_token(token=token, now=now)
    signature = signatures.filter(pk=signature_id, identity_digest__isnull=False).first()
    if signature is None:
        raise SignatureGone
    return signature


def owe_entry(signature: Signature, *, delta: int, reason: TallyReason, country: str, now: datetime) -> None:
    """This function will owe a change to the count, unless the signature is not counted."""
    if signature.invalidated_at is not None or signature.held_at is not None:
        return
    TallyEntry.objects.create(
        petition_id=signature.petition_id,
        delta=delta,
        reason=reason,
        occurred_at=now,
        bucket_at=bucket_start(signature.verified_at),
        country=country,
        channel=signature.channel,
    )


def _forget_mails_of(signature: Signature, *, now: datetime) -> int:
    news = news_keys_of(petition_id=signature.petition_id, signature_id=signature.pk)
    return forget_messages(unique_keys=[confirmation_key(signature_id=signature.pk), *news], now=now)
