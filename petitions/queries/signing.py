"""What signing and proving have to know before they write, each in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from outbox.models import OutgoingMessage
from petitions.models import PendingSignature, Petition, Signature
from petitions.queries.asking import petitions_asking
from petitions.queries.links import ProofLink
from petitions.queries.texts import petition_title, title_in
from petitions.rules.signing import ProofState, takes_proofs

_HIGHEST_DIGEST_END = b"\xff" * 32


@dataclass(frozen=True, kw_only=True)
class SigningFacts:
    """A petition, its title for one reader, and what one person has done about it so far."""

    petition: Petition
    title: str
    signature_id: int | None
    mails_today: int
    withheld_today: int  # attempts that are kept without a mail


def signing_facts(*, slug: str, language: str, digest: bytes, mail_keys: Sequence[str], day: date) -> SigningFacts:
    """
    This function will read what one attempt to sign depends on.

    Args:   mail_keys: the unique keys of all mails that this person may be sent today for this petition.
    Raises: Petition.DoesNotExist.
    """
    proved = Signature.objects.filter(petition=OuterRef("pk"), identity_digest=digest)
    mails = OutgoingMessage.objects.filter(unique_key__in=mail_keys)
    withheld = PendingSignature.objects.filter(
        petition=OuterRef("pk"), identity_digest=digest, mailed_on=day, mail_number__isnull=True
    )
    petition: Any = (
        petitions_asking()
        .annotate(
            title=title_in(language=language),
            signature_id=Subquery(proved.values("pk")[:1]),
            mails_today=_count_of(mails),
            withheld_today=_count_of(withheld),
        )
        .get(slug=slug)
    )
    return SigningFacts(
        petition=petition,
        title=petition.title or slug,
        signature_id=petition.signature_id,
        mails_today=petition.mails_today,
        withheld_today=petition.withheld_today,
    )


def _count_of(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


@dataclass(frozen=True, kw_only=True)
class ProofFacts:
    """What a genuine link is good for; the attempt while it is READY, the petition unless that is gone, too."""

    state: ProofState
    attempt: PendingSignature | None = None
    petition: Petition | None = None
    title: str = ""


def proof_facts(*, link: ProofLink, now: datetime, language: str | None = None) -> ProofFacts:
    """
    This function will find out what a link is good for: one statement while it is.

    Args: language: of the title; by default the one in which the form was filled in.
    """
    attempt = _attempt_of(link=link, language=language)
    if attempt is None:
        return _facts_without_attempt(link=link, language=language, now=now)
    state = _state_of(petition=attempt.petition, link=link, now=now)
    title = attempt.title or attempt.petition.slug
    return ProofFacts(state=state, attempt=attempt, petition=attempt.petition, title=title)


def _attempt_of(*, link: ProofLink, language: str | None) -> Any:
    """This function will find the attempt of a link with its petition and, as `title`, that petition's title, or None."""
    title = title_in(
        language=language or OuterRef("language"),
        petition="petition_id",
        default_language="petition__default_language",
    )
    attempts = PendingSignature.objects.select_related("petition").annotate(title=title)
    attempt = attempts.filter(pk=link.attempt_id, petition_id=link.petition_id).first()
    is_owners = attempt is not None and link.is_of(bytes(attempt.identity_digest))
    return attempt if is_owners else None


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
