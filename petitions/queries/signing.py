"""What signing and proving have to know before they write, each in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from outbox.models import OutgoingMessage
from petitions.models import PendingSignature, Petition, Signature
from petitions.queries.links import DIGEST_PREFIX_BYTES, ProofLink
from petitions.queries.texts import title_in

_HIGHEST_DIGEST_END = b"\xff" * 32


@dataclass(frozen=True, kw_only=True)
class SigningFacts:
    """A petition, its title for one reader, and what one person has done about it so far."""

    petition: Petition
    title: str
    signature_id: int | None
    mails_today: int


def signing_facts(*, slug: str, language: str, digest: bytes, mail_keys: Sequence[str]) -> SigningFacts:
    """
    This function will read what one attempt to sign depends on.

    Args:   mail_keys: the unique keys of all mails that this person may be sent today for this petition.
    Raises: Petition.DoesNotExist.
    """
    proved = Signature.objects.filter(petition=OuterRef("pk"), identity_digest=digest)
    mails = OutgoingMessage.objects.filter(unique_key__in=mail_keys).order_by()
    mail_count = mails.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    petition = Petition.objects.annotate(
        title=title_in(language=language),
        signature_id=Subquery(proved.values("pk")[:1]),
        mails_today=Coalesce(Subquery(mail_count), 0),
    ).get(slug=slug)
    return SigningFacts(
        petition=petition,
        title=petition.title or slug,
        signature_id=petition.signature_id,
        mails_today=petition.mails_today,
    )


@dataclass(frozen=True, kw_only=True)
class AttemptFacts:
    """An attempt with its petition loaded, and the petition's title in the language of who made it."""

    attempt: PendingSignature
    title: str


def attempt_of(*, link: ProofLink) -> AttemptFacts | None:
    """This function will find the attempt that a link proves; None once it was proved or purged."""
    attempt = (
        PendingSignature.objects.select_related("petition")
        .annotate(
            title=title_in(
                language=OuterRef("language"), petition="petition_id", default_language="petition__default_language"
            )
        )
        .filter(pk=link.attempt_id, petition_id=link.petition_id)
        .first()
    )
    if attempt is None or bytes(attempt.identity_digest)[:DIGEST_PREFIX_BYTES] != link.digest_prefix:
        return None
    return AttemptFacts(attempt=attempt, title=attempt.title or attempt.petition.slug)


def signature_of(*, link: ProofLink) -> Signature | None:
    """This function will find what the owner of a link has proved already, its petition loaded, or None."""
    prefix = link.digest_prefix
    # A range and not a substring: it walks the unique index.
    of_owner = Signature.objects.filter(identity_digest__gte=prefix, identity_digest__lte=prefix + _HIGHEST_DIGEST_END)
    return of_owner.filter(petition_id=link.petition_id).select_related("petition").order_by("id").first()
