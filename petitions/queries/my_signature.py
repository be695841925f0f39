"""What the owner of a signature sees by the links from our mails."""

from dataclasses import dataclass
from datetime import datetime

from petitions.models import Petition, Signature
from petitions.queries.links import open_my_signature_token, open_news_token
from petitions.queries.sealed import email_of, name_of
from petitions.queries.texts import petition_title


@dataclass(frozen=True, kw_only=True)
class MySignature:
    """A signature opened for its owner."""

    signature: Signature
    petition: Petition
    title: str
    name: str
    email: str

    def as_record(self) -> dict[str, object]:
        """What is stored about this person, for them to keep (GDPR, article 20)."""
        row = self.signature
        return {
            "petition": self.petition.slug,
            "title": self.title,
            "name": self.name,
            "email": self.email,
            "country": row.country,
            "wants_news": row.wants_news,
            "language": row.language,
            "channel": row.channel,
            "signed_at": row.signed_at.isoformat(),
            "verified_at": row.verified_at.isoformat(),
        }


def my_signature(*, token: str, language: str, now: datetime) -> MySignature:
    """
    This function will open the signature that a link is for.

    Raises: BadToken; Signature.DoesNotExist once it was withdrawn, or nobody can be found in it any more.
    """
    signature = Signature.objects.select_related("petition").get(
        pk=open_my_signature_token(token=token, now=now), identity_digest__isnull=False
    )
    return MySignature(
        signature=signature,
        petition=signature.petition,
        title=petition_title(petition=signature.petition, language=language),
        name=name_of(signature),
        email=email_of(signature),
    )


@dataclass(frozen=True, kw_only=True)
class NewsWish:
    """Whether a supporter is sent news, and of which petition."""

    petition: Petition
    title: str
    wants_news: bool


def news_wish(*, token: str, language: str, now: datetime) -> NewsWish | None:
    """
    This function will tell what a link that ends the news would end; None once the signature names nobody any more.

    Raises: BadToken.
    """
    signature_id = open_news_token(token=token, now=now)
    named = Signature.objects.filter(pk=signature_id, erased_at__isnull=True)
    signature = named.select_related("petition").first()
    if signature is None:
        return None
    title = petition_title(petition=signature.petition, language=language)
    return NewsWish(petition=signature.petition, title=title, wants_news=signature.wants_news)
