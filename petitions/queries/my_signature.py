"""What the owner of a signature sees by the links from our mails."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from outbox.digests import keyed_digest
from petitions.models import CommentState, Petition, Signature
from petitions.queries.asking import Asked, answers_in_words, asked_of, field_name_of, words_in
from petitions.queries.links import open_my_signature_token, open_news_token
from petitions.queries.my_mails import SentMail, mails_about
from petitions.queries.sealed import email_of
from petitions.queries.signed_details import typed_of
from petitions.queries.texts import petition_title
from petitions.rules.typed import TypedDetails


@dataclass(frozen=True, kw_only=True)
class MySignature:
    """
    A signature opened for its owner: all that is stored about it, but for what the defence concluded.

    Whether it is held or was taken off the count is in no field and in no record (docs/decisions/0016): it would tell
    whoever signs for others what was noticed.
    """

    signature: Signature
    petition: Petition
    title: str
    typed: TypedDetails
    email: str
    asked: Asked  # with what is asked no more but was said
    answers: list[tuple[str, str]]  # the question's words and the answer's
    consent_words: str  # those that were agreed to, "" for the site's own
    network_until: datetime | None  # when the digest of the network goes, None if there is none
    mails: list[SentMail]  # oldest first

    @property
    def has_comment(self) -> bool:
        return self.signature.comment_state != CommentState.NONE

    @property
    def seen(self) -> str:
        """What a form says was stored when its page was made."""
        return state_digest(typed=self.typed)

    def as_record(self) -> dict[str, Any]:
        """All that the page shows, for its owner to keep (GDPR, articles 15 and 20)."""
        row, consent = self.signature, self.signature.news_consent
        return {
            "petition": self.petition.slug,
            "title": self.title,
            "name": self.typed.name,
            "name_shown": row.name_shown,
            "name_shape": row.name_shape,
            "email": self.email,
            "country": row.country,
            "postcode": self.typed.postcode,
            "comment": self.typed.comment,
            "comment_state": row.comment_state,
            "answers": [{"question": question, "answer": answer} for question, answer in self.answers],
            "wants_news": row.wants_news,
            "news_consent": {"version": consent.version, "words": self.consent_words} if consent else None,
            "language": row.language,
            "channel": row.channel,
            "proved_by": row.proved_by,
            "signed_at": row.signed_at.isoformat(),
            "verified_at": row.verified_at.isoformat(),
            "erased_at": row.erased_at.isoformat() if row.erased_at else None,
            "form_age_seconds": row.form_age_s,
            "fingerprints": {
                "address": row.identity_digest is not None,
                "mail_domain": row.domain_digest is not None,
                "network_until": self.network_until.isoformat() if self.network_until else None,
            },
            "mails": [mail.as_record() for mail in self.mails],
        }


def my_signature(*, token: str, language: str, now: datetime, said: dict[str, Any] | None = None) -> MySignature:
    """
    This function will open the signature that a link is for.

    Args:   said: by field name, what a form brings that may have been open for a while.
    Raises: BadToken; Signature.DoesNotExist once it was withdrawn, or nobody can be found in it any more.
    """
    signature = Signature.objects.select_related("petition", "news_consent").get(
        pk=open_my_signature_token(token=token, now=now), identity_digest__isnull=False
    )
    petition, typed = signature.petition, typed_of(signature)
    asked = _asked_of(petition, typed=typed, language=language, said=said or {})
    return MySignature(
        signature=signature,
        petition=petition,
        title=petition_title(petition=petition, language=language),
        typed=typed,
        email=email_of(signature),
        asked=asked,
        answers=answers_in_words(asked, choices=typed.choices, answers=typed.answers),
        consent_words=_consent_words(signature, language=language),
        network_until=signature.signed_at + settings.NETWORK_RETENTION if signature.network_digest else None,
        mails=mails_about(signature=signature, now=now),
    )


def state_digest(*, typed: TypedDetails) -> str:
    """This function will name what can be corrected as it is stored, so that two tabs do not undo each other unseen."""
    corrected = {name: value for name, value in vars(typed).items() if name not in ("wants_news", "news_consent_id")}
    text = json.dumps(corrected, sort_keys=True, ensure_ascii=False)
    return keyed_digest(text=text, purpose="seen-signature").hex()[:32]


def _asked_of(petition: Petition, *, typed: TypedDetails, language: str, said: dict[str, Any]) -> Asked:
    answered = {field_name_of(id_): answer for id_, answer in {**typed.choices, **typed.answers}.items()}
    asked = asked_of(petition=petition, language=language, said={**said, **answered})
    # What was told once can be put right or taken back, whether the petition still asks for it or not.
    return replace(
        asked,
        country=asked.country or bool(typed.country),
        postcode=asked.postcode or bool(typed.postcode),
        comment=asked.comment or bool(typed.comment),
    )


def _consent_words(signature: Signature, *, language: str) -> str:
    consent, petition = signature.news_consent, signature.petition
    return words_in(consent.labels, language=language, default=petition.default_language) if consent else ""


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
