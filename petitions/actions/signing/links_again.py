"""A link that leaves later, or once more: the mail of an attempt that was withheld, and a new one for an expired link."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from outbox.queue import queue_email
from petitions.actions.signing.attempts import Attempt
from petitions.actions.signing.errors import ProofLinkExpired, ProofTooLate
from petitions.actions.signing.mails import link_days, mail_for
from petitions.models import PendingSignature, Petition
from petitions.queries.links import open_proof_link
from petitions.queries.mail_keys import mail_keys
from petitions.queries.signing import locked_signing_facts, proof_facts
from petitions.rules.defence import MAIL_WITHHELD_FOR
from petitions.rules.signing import MAILS_PER_DAY, ProofState, takes_proofs


def renew_link(*, token: str, now: datetime) -> Petition:
    """
    Mail a new link for the attempt of a genuine one, within the three mails of the day.

    Returns: the petition, whether a mail is owed or not: the answer tells no more than the link itself.
    Raises:  BadToken; ProofLinkExpired if the petition is not public any more; ProofTooLate.
    Writes:  owes one mail while the attempt is there; nothing else changes.
    """
    link = open_proof_link(token=token, now=now)
    with transaction.atomic():
        facts = proof_facts(link=link, now=now)
        if facts.petition is None:
            raise ProofLinkExpired
        if facts.state is ProofState.TOO_LATE:
            raise ProofTooLate(facts.petition)
        if facts.attempt is not None:
            _owe_link(facts.attempt, now=now)
        return facts.petition


def release_attempt(*, attempt_id: int, now: datetime) -> bool:
    """
    Let a held attempt count by its proof like any other, and owe the mail that was withheld from it.

    Returns: False if it stays held for now, since its mail cannot leave: three went to that person today already, its
             petition takes no proofs any more, or what was typed is deleted within a day.
    Raises:  PendingSignature.DoesNotExist: it was proved or deleted meanwhile.
    Writes:  held_reason and, with the mail, its day and number. Releasing twice changes nothing.
    """
    with transaction.atomic():
        attempts = PendingSignature.objects.select_related("petition").select_for_update(of=("self",))
        attempt = attempts.get(pk=attempt_id)
        if attempt.held_reason in MAIL_WITHHELD_FOR and attempt.mail_number is None:
            attempt.mail_number = _owe_withheld_mail(attempt, now=now)
            attempt.mailed_on = now.date()
            if attempt.mail_number is None:
                return False
        attempt.held_reason = ""
        attempt.save(update_fields=["held_reason", "mailed_on", "mail_number"])
        return True


def _owe_withheld_mail(attempt: PendingSignature, *, now: datetime) -> int | None:
    """This function will owe the mail of an attempt and return its number of the day, or None if it cannot leave."""
    petition, grace = attempt.petition, settings.SIGNING_GRACE_AFTER_CLOSING
    is_provable = takes_proofs(state=petition.state, closes_at=petition.closes_at, grace=grace, now=now)
    if not is_provable or link_days(made_at=attempt.created_at, now=now) == 0:
        return None
    return _owe_link(attempt, now=now)


def _owe_link(attempt: PendingSignature, *, now: datetime) -> int | None:
    """This function will owe a link made now, and return which mail of the day it is, or None after the last one."""
    slug, digest = attempt.petition.slug, bytes(attempt.identity_digest)
    keys = mail_keys(slug=slug, digest=digest, day=now.date())
    facts = locked_signing_facts(slug=slug, digest=digest, mail_keys=keys, day=now.date())
    if facts.mails_today == MAILS_PER_DAY:
        return None
    mail = mail_for(Attempt.of(attempt), facts=facts, unique_key=keys[facts.mails_today], now=now)
    queue_email(**mail)
    return facts.mails_today + 1
