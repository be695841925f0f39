"""What supporters do with their own signature: correct it, end its news, withdraw it, or take their name off it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from outbox.sealing import seal
from petitions.actions.milestone_news import forget_owed_news
from petitions.models import EMPTIED_BY_ERASURE, CommentState, PendingSignature, Signature, TallyEntry, TallyReason
from petitions.queries.links import open_my_signature_token, open_news_token
from petitions.queries.sealed import NAME_PURPOSE
from petitions.rules.periods import bucket_start
from petitions.rules.signing import takes_proofs


class SignatureGone(Exception):
    """The signature was withdrawn, or nobody can be found in it any more."""


class SignatureNameless(Exception):
    """The name was erased: nothing of it is left that could be corrected."""


def correct_signature(*, token: str, name: str, country: str, wants_news: bool, now: datetime) -> Signature:
    """
    Correct what a supporter said of themselves.

    Args:   name, country: from MySignatureForm; the country is left alone where the petition does not ask for it.
    Raises: BadToken; SignatureGone; SignatureNameless after an erasure.
    Writes: the row; for another country a TallyEntry of -1 for the old one and then one of +1 for the new one, the
            -1 first, so that the total never stands one too high in between. News that is no longer wanted is deleted.
    """
    with transaction.atomic():
        signature = _lock_signature(token=token, now=now)
        if signature.erased_at is not None:
            raise SignatureNameless
        old_country = signature.country
        signature.name_sealed = seal(text=name, purpose=NAME_PURPOSE)
        signature.country = country if signature.petition.asks_country else old_country
        signature.wants_news = wants_news
        signature.save(update_fields=["name_sealed", "country", "wants_news"])
        if not wants_news:
            forget_owed_news(signature=signature)
        if signature.country != old_country:
            _owe_entry(signature, delta=-1, reason=TallyReason.CORRECTED, country=old_country, now=now)
            _owe_entry(signature, delta=1, reason=TallyReason.CORRECTED, country=signature.country, now=now)
        return signature


def leave_news(*, token: str, now: datetime) -> None:
    """
    End the news of a petition for one supporter. Doing so again, or after leaving altogether, changes nothing.

    Raises: BadToken.
    Writes: wants_news; deletes the news that is owed already.
    Source: RFC 8058; a mail provider may send it for its user, who then sees no page of ours.
    """
    signature_id = open_news_token(token=token, now=now)
    with transaction.atomic():
        signature = Signature.objects.select_for_update().filter(pk=signature_id, wants_news=True).first()
        if signature is not None:
            signature.wants_news = False
            signature.save(update_fields=["wants_news"])
            forget_owed_news(signature=signature)


def withdraw_signature(*, token: str, now: datetime) -> None:
    """
    Withdraw a signature: nothing of it is left, and the count goes down by one.

    Raises: BadToken; SignatureGone, also for the second of two at once.
    Writes: deletes the row, the person's attempts and owed news; a TallyEntry of -1 in the quarter hour that the +1 entered, unless
            the signature had been invalidated and taken off the count before.
    """
    with transaction.atomic():
        signature = _lock_signature(token=token, now=now)
        _delete_attempts(signature)
        forget_owed_news(signature=signature)
        _owe_entry(signature, delta=-1, reason=TallyReason.WITHDRAWN, country=signature.country, now=now)
        signature.delete()


def erase_signature(*, token: str, now: datetime) -> None:
    """
    Take name and address off a signature that goes on counting. Erasing twice changes nothing.

    Raises: BadToken; SignatureGone.
    Writes: empties the sealed fields and the wish for news; deletes the person's attempts and owed news. The digest stays until nobody
            can sign any more (see models.Signature); then purging.forget_erased_identities takes it.
    """
    with transaction.atomic():
        signature = _lock_signature(token=token, now=now)
        _delete_attempts(signature)
        forget_owed_news(signature=signature)
        petition = signature.petition
        grace = settings.SIGNING_GRACE_AFTER_CLOSING
        if not takes_proofs(state=petition.state, closes_at=petition.closes_at, grace=grace, now=now):
            signature.identity_digest = None
        for column in EMPTIED_BY_ERASURE:
            setattr(signature, column, None)
        signature.comment_state = CommentState.NONE
        signature.wants_news = False
        signature.erased_at = signature.erased_at or now
        changed = ["identity_digest", "comment_state", "wants_news", "erased_at", *EMPTIED_BY_ERASURE]
        signature.save(update_fields=changed)


def _lock_signature(*, token: str, now: datetime) -> Signature:
    """This function will find the signature of a link and make its other changes wait until the commit."""
    signatures = Signature.objects.select_related("petition").select_for_update(of=("self",))
    signature_id = open_my_signature_token(token=token, now=now)
    signature = signatures.filter(pk=signature_id, identity_digest__isnull=False).first()
    if signature is None:
        raise SignatureGone
    return signature


def _delete_attempts(signature: Signature) -> None:
    # An attempt left behind would be a link that signs again what its owner has just left.
    digest = bytes(signature.identity_digest or b"")
    PendingSignature.objects.filter(petition_id=signature.petition_id, identity_digest=digest).delete()


def _owe_entry(signature: Signature, *, delta: int, reason: TallyReason, country: str, now: datetime) -> None:
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
