"""What signing and proving have to know before they write, each in one statement."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from outbox.flights import Row
from outbox.prepared import run_prepared, run_together
from petitions.models import PendingSignature, Petition, Signature
from petitions.queries import signing_sql as sql
from petitions.queries.known import KnownPetition, known_petition_of
from petitions.queries.links import ProofLink
from petitions.queries.texts import petition_title
from petitions.rules.signing import ProofState, takes_proofs

_HIGHEST_DIGEST_END = b"\xff" * 32


@dataclass(frozen=True, kw_only=True)
class SigningFacts:
    """A petition, and what one person has done about it so far."""

    petition: Petition
    signature_id: int | None
    mails_today: int
    withheld_today: int  # attempts that are kept without a mail
    attempt_number: int  # of the attempt that is about to be written

    @property
    def known(self) -> KnownPetition:
        """The words of the petition; no statement while they are remembered."""
        return known_petition_of(petition_id=self.petition.id)


def locked_signing_facts(*, slug: str, digest: bytes, mail_keys: Sequence[str], day: date) -> SigningFacts:
    """
    This function will make the attempts of one person for one petition wait for each other until the commit, and read
    what one of them depends on: nobody waits for anybody else's address.

    Args:   mail_keys: the unique keys of all mails that this person may be sent today for this petition.
    Raises: Petition.DoesNotExist.
    """
    key = int.from_bytes(hashlib.blake2b(slug.encode() + digest, digest_size=8).digest(), signed=True)
    whose = {"slug": slug, "digest": digest, "mail_keys": list(mail_keys), "day": day}
    _locked, row = run_together((sql.LOCK_PERSON, {"key": key}), (sql.SIGNING_FACTS, whose))
    if row is None:
        raise Petition.DoesNotExist(slug)
    signature_id, mails_today, withheld_today, attempt_number = row[sql.PETITION.width :]
    return SigningFacts(
        petition=_petition_of(row[: sql.PETITION.width]),
        signature_id=signature_id,
        mails_today=mails_today,
        withheld_today=withheld_today,
        attempt_number=attempt_number,
    )


_petitions: dict[int, tuple[Row, Petition]] = {}
_MOST_PETITIONS = 256


def _petition_of(row: Row) -> Petition:
    """This function will make the petition of a row: the same one while the row is the same. Nobody may change it."""
    number = row[0]
    before = _petitions.get(number)
    if before is not None and before[0] == row:
        return before[1]
    if len(_petitions) >= _MOST_PETITIONS:
        _petitions.clear()
    petition = sql.PETITION.instance_of(row)
    _petitions[number] = row, petition
    return petition


@dataclass(frozen=True, kw_only=True)
class ProofFacts:
    """What a genuine link is good for; the attempt while it is READY, the petition unless that is gone, too."""

    state: ProofState
    attempt: PendingSignature | None = None
    petition: Petition | None = None
    known: KnownPetition | None = None  # its words, with the attempt
    title: str = ""
    signature_number: int | None = None  # drawn for the proof that asked for it


def proof_facts(
    *, link: ProofLink, now: datetime, language: str | None = None, draws_number: bool = False
) -> ProofFacts:
    """
    This function will find out what a link is good for: one statement while it is.

    Args: language: of the title; by default the one in which the form was filled in.
          draws_number: also draw the number of the signature that is about to be made.
    """
    statement = sql.PROOF_FACTS_WITH_NUMBER if draws_number else sql.PROOF_FACTS
    row = run_prepared(statement, {"attempt_id": link.attempt_id, "petition_id": link.petition_id})
    attempt = _attempt_in(row, link=link)
    if row is None or attempt is None:
        return _facts_without_attempt(link=link, language=language, now=now)
    petition = attempt.petition
    known = known_petition_of(petition_id=link.petition_id)
    return ProofFacts(
        state=_state_of(petition=petition, link=link, now=now),
        attempt=attempt,
        petition=petition,
        known=known,
        title=known.title(language=language or attempt.language),
        signature_number=row[-1],
    )


def _attempt_in(row: Row | None, *, link: ProofLink) -> PendingSignature | None:
    """This function will make the attempt of a row, with its petition, if it is the one of the link's owner."""
    if row is None:
        return None
    petition = _petition_of(row[sql.ATTEMPT.width : -1])
    attempt = sql.ATTEMPT.instance_of(row[: sql.ATTEMPT.width], petition=petition)
    return attempt if link.is_of(bytes(attempt.identity_digest)) else None


def next_signature_number() -> int:
    """This function will draw the number of a signature that is about to be made; one statement."""
    row = run_prepared(sql.NEXT_SIGNATURE_NUMBER, {})
    assert row is not None  # a sequence always answers
    return int(row[0])


def _state_of(*, petition: Petition, link: ProofLink, now: datetime) -> ProofState:
    grace = settings.SIGNING_GRACE_AFTER_CLOSING
    if not takes_proofs(state=petition.state, closes_at=petition.closes_at, grace=grace, now=now):
        return ProofState.TOO_LATE  # first, since no new link would help
    is_expired = link.is_expired(now=now, lifetime=settings.PROOF_LINK_LIFETIME)
    return ProofState.EXPIRED if is_expired else ProofState.READY


def _facts_without_attempt(*, link: ProofLink, language: str | None, now: datetime) -> ProofFacts:
    """This function will tell a link whose owner has proved already from one whose attempt is just gone."""
    petition = Petition.objects.published().filter(pk=link.petition_id).first()
    if petition is None:
        return ProofFacts(state=ProofState.EXPIRED)
    state = _state_of(petition=petition, link=link, now=now)
    if _is_proved(link):
        state = ProofState.PROVED
    elif state is ProofState.READY:
        state = ProofState.EXPIRED  # there is nothing left that it could prove
    title = petition_title(petition=petition, language=language or petition.default_language)
    return ProofFacts(state=state, petition=petition, title=title)


def _is_proved(link: ProofLink) -> bool:
    prefix = link.digest_prefix
    # A range and not a substring: it walks the unique index.
    of_owner = Signature.objects.filter(identity_digest__gte=prefix, identity_digest__lte=prefix + _HIGHEST_DIGEST_END)
    return of_owner.filter(petition_id=link.petition_id).exists()
