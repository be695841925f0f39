"""Signing: an attempt with the mail it owes, then the proof that makes it a signature and owes it to the count."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.identity import identity_digest
from outbox.digests import keyed_digest
from outbox.sealing import seal
from petitions.actions import signing_sql
from petitions.actions.signing_mails import owe_already_signed_mail, owe_confirmation_mail, owe_proof_mail
from petitions.models import Channel, PendingSignature, Petition, TallyEntry, TallyReason
from petitions.queries.links import open_proof_link
from petitions.queries.sealed import EMAIL_PURPOSE, NAME_PURPOSE
from petitions.queries.signing import SigningFacts, proof_facts, signing_facts
from petitions.rules.periods import bucket_start
from petitions.rules.signing import MAILS_PER_DAY, ProofState, takes_signatures


class SigningError(Exception):
    """Why a petition could not be signed or a signature not be proved; `petition` says for which one."""

    def __init__(self, petition: Petition) -> None:
        super().__init__(petition.slug)
        self.petition = petition


class PetitionNotOpen(SigningError):
    """The petition takes no new signatures: it is not open yet, paused or closed."""


class ProofTooLate(SigningError):
    """The petition closed too long ago for a link to prove anything."""


class ProofLinkExpired(Exception):
    """The link is genuine but too old, or its attempt is gone and nothing was proved with it."""


@dataclass(frozen=True, kw_only=True)
class TypedSignature:
    """What a person typed into the form, cleaned and checked by it."""

    name: str
    email: str
    country: str
    wants_news: bool


def sign_petition(*, slug: str, typed: TypedSignature, language: str, now: datetime) -> None:
    """
    Take an attempt to sign and owe its mail; the caller learns nothing about the address.

    Args:   typed: from SigningForm.  language: the one that the form was read in.  now: aware UTC instant.
    Raises: Petition.DoesNotExist; PetitionNotOpen while paused, once closed and before it was opened.
    Writes: one PendingSignature; owes one mail: the link to prove it or, to who has proved already, the link to that
            signature. Nothing at all after MAILS_PER_DAY mails to one person for one petition on one UTC day: an attempt
            without a mail could never be proved, so keeping its name and address would serve nobody.
    Source: design section 5, «Signing».
    """
    digest = identity_digest(address=typed.email)
    mail_keys = _mail_keys(slug=slug, digest=digest, now=now)
    with transaction.atomic():
        # Two posts at once would otherwise both read "two mails so far". Nobody waits for anybody else's address.
        _lock_person(slug=slug, digest=digest)
        facts = signing_facts(slug=slug, language=language, digest=digest, mail_keys=mail_keys)
        if not takes_signatures(state=facts.petition.state, closes_at=facts.petition.closes_at, now=now):
            raise PetitionNotOpen(facts.petition)
        if facts.mails_today == MAILS_PER_DAY:
            return
        attempt = _record_attempt(facts=facts, typed=typed, digest=digest, language=language, now=now)
        owe_mail = owe_proof_mail if facts.signature_id is None else owe_already_signed_mail
        owe_mail(facts=facts, attempt=attempt, unique_key=mail_keys[facts.mails_today], now=now)


def verify_signature(*, token: str, now: datetime) -> Petition:
    """
    Prove a signature by the link that was mailed; any link of a person who has proved already succeeds, too.

    Returns: the petition.
    Raises:  BadToken if forged or cut; ProofLinkExpired past settings.PENDING_SIGNATURE_LIFETIME, or when the attempt is
             gone without a signature; ProofTooLate past settings.SIGNING_GRACE_AFTER_CLOSING.
    Writes:  the Signature, once for a person and petition under any concurrency; deletes the person's attempts; with a
             new Signature only: a TallyEntry of +1, and the mail that confirms it.
    Source:  design section 5, «Proof».
    """
    link = open_proof_link(token=token, now=now)
    with transaction.atomic():
        facts = proof_facts(link=link, now=now)
        if facts.petition is None or facts.state is ProofState.EXPIRED:
            raise ProofLinkExpired
        if facts.state is ProofState.TOO_LATE:
            raise ProofTooLate(facts.petition)
        if facts.attempt is not None:
            _prove(attempt=facts.attempt, title=facts.title, now=now)
        return facts.petition


def _prove(*, attempt: PendingSignature, title: str, now: datetime) -> None:
    verified_at = max(now, attempt.created_at)  # the clocks of two servers may differ a little
    signature_id = _insert_signature(attempt=attempt, verified_at=verified_at)
    _delete_attempts_of_same_person(attempt=attempt)
    if signature_id is not None:
        _owe_to_count(attempt=attempt, verified_at=verified_at)
        owe_confirmation_mail(attempt=attempt, title=title, signature_id=signature_id, now=now)


def _lock_person(*, slug: str, digest: bytes) -> None:
    """This function will make the attempts of one person for one petition wait for each other until the commit."""
    key = int.from_bytes(hashlib.blake2b(slug.encode() + digest, digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _mail_keys(*, slug: str, digest: bytes, now: datetime) -> list[str]:
    """
    This function will name the mails that one person may get today for one petition, in the order of their use.

    They are counted in the outbox, since the attempts are deleted by a proof, and a stranger could count anew after it.
    The digest is keyed for the day and petition, so that no two days' rows tell that they are for one person.
    """
    text = f"{slug} {now.date().isoformat()} {digest.hex()}"
    person_today = keyed_digest(text=text, purpose="signing-mail").hex()[:40]
    return [f"sign:{person_today}:{number}" for number in range(1, MAILS_PER_DAY + 1)]


def _record_attempt(
    *, facts: SigningFacts, typed: TypedSignature, digest: bytes, language: str, now: datetime
) -> PendingSignature:
    return PendingSignature.objects.create(
        petition=facts.petition,
        identity_digest=digest,
        email_sealed=seal(text=typed.email, purpose=EMAIL_PURPOSE),
        name_sealed=seal(text=typed.name, purpose=NAME_PURPOSE),
        country=typed.country if facts.petition.asks_country else "",
        wants_news=typed.wants_news,
        language=language,
        channel=Channel.WEB,
        mailed_on=now.date(),
        mail_number=facts.mails_today + 1,
        created_at=now,
    )


def _insert_signature(*, attempt: PendingSignature, verified_at: datetime) -> int | None:
    """
    This function will insert the signature of an attempt, or return None if that person's is there already.

    The constraint decides, also between two transactions: the second waits for the first. It is SQL of our own because
    Django's ignore_conflicts does not tell whether a row was written.
    """
    with connection.cursor() as cursor:
        cursor.execute(signing_sql.PROVE, {"attempt_id": attempt.pk, "verified_at": verified_at})
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _delete_attempts_of_same_person(*, attempt: PendingSignature) -> None:
    digest = bytes(attempt.identity_digest)
    PendingSignature.objects.filter(petition_id=attempt.petition_id, identity_digest=digest).delete()


def _owe_to_count(*, attempt: PendingSignature, verified_at: datetime) -> None:
    TallyEntry.objects.create(
        petition_id=attempt.petition_id,
        delta=1,
        reason=TallyReason.PROVED,
        occurred_at=verified_at,
        bucket_at=bucket_start(verified_at),
        country=attempt.country,
        channel=attempt.channel,
    )
