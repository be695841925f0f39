"""What each mail of the signing path says, and to whom: always the address that was typed, in the language of the form."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from outbox.models import MessagePriority
from outbox.queue import Email
from petitions.actions.signing.attempts import Attempt
from petitions.queries.asking import Asked, answers_in_words
from petitions.queries.links import absolute_url, my_signature_token, proof_token
from petitions.queries.mail_keys import confirmation_key
from petitions.queries.signing import SigningFacts
from petitions.rules.countries import country_names
from petitions.rules.signing import proof_deadline


def mail_for(attempt: Attempt, *, facts: SigningFacts, unique_key: str, now: datetime) -> Email:
    """This function will write the mail that an attempt owes: the link to prove it or, to who has, to that signature."""
    known = facts.known
    title = known.title(language=attempt.language)
    if facts.signature_id is not None:
        return already_signed_mail(
            attempt=attempt, title=title, signature_id=facts.signature_id, unique_key=unique_key, now=now
        )
    asked = known.asked(language=attempt.language)
    return proof_mail(attempt=attempt, title=title, asked=asked, unique_key=unique_key, now=now)


def proof_mail(*, attempt: Attempt, title: str, asked: Asked, unique_key: str, now: datetime) -> Email:
    """This function will write the mail with the link that proves an attempt, and with exactly what was typed."""
    typed = attempt.typed
    token = proof_token(attempt=attempt, now=now)
    context = {
        **_petition_context(title=title, attempt=attempt),
        "addressee": attempt.petition.addressee,
        "proof_url": absolute_url(view="verify", language=attempt.language, token=token),
        "lifetime_days": link_days(made_at=attempt.made_at, now=now),
        "kept_days": settings.PENDING_SIGNATURE_LIFETIME.days,
        "postcode": typed.postcode,
        "comment": typed.comment,
        "name_shown": typed.name_shown if typed.comment else "",
        "answers": answers_in_words(asked, choices=typed.choices, answers=typed.answers),
    }
    return _mail(kind="verify_signature", unique_key=unique_key, attempt=attempt, context=context, now=now)


def already_signed_mail(*, attempt: Attempt, title: str, signature_id: int, unique_key: str, now: datetime) -> Email:
    """This function will write the mail with the link to the signature that this person has proved already."""
    context = {
        **_petition_context(title=title, attempt=attempt),
        "my_signature_url": _my_signature_url(signature_id=signature_id, language=attempt.language, now=now),
    }
    return _mail(kind="already_signed", unique_key=unique_key, attempt=attempt, context=context, now=now)


def confirmation_mail(*, attempt: Attempt, title: str, signature_id: int, now: datetime) -> Email:
    """This function will write the mail that says the signature counts, with the link to see and leave."""
    context = {
        **_petition_context(title=title, attempt=attempt),
        "my_signature_url": _my_signature_url(signature_id=signature_id, language=attempt.language, now=now),
    }
    unique_key = confirmation_key(signature_id=signature_id)
    return _mail(kind="signature_confirmed", unique_key=unique_key, attempt=attempt, context=context, now=now)


def link_days(*, made_at: datetime, now: datetime) -> int:
    """This function will tell for how many whole days a link made now proves an attempt made then."""
    deadline = proof_deadline(
        made_at=now,
        typed_at=made_at,
        lifetime=settings.PROOF_LINK_LIFETIME,
        retention=settings.PENDING_SIGNATURE_LIFETIME,
    )
    return max(0, (deadline - now) // timedelta(days=1))


def _petition_context(*, title: str, attempt: Attempt) -> dict[str, Any]:
    typed = attempt.typed
    return {
        "title": title,
        "petition_url": absolute_url(view="petition-detail", language=attempt.language, slug=attempt.petition.slug),
        "name": typed.name,
        "country": country_names(attempt.language).get(typed.country, ""),
        "wants_news": typed.wants_news,
    }


def _my_signature_url(*, signature_id: int, language: str, now: datetime) -> str:
    token = my_signature_token(signature_id=signature_id, now=now)
    return absolute_url(view="my-signature", language=language, token=token)


def _mail(*, kind: str, unique_key: str, attempt: Attempt, context: dict[str, Any], now: datetime) -> Email:
    return {
        "kind": kind,
        "unique_key": unique_key,
        "recipient": attempt.address,
        "language": attempt.language,
        "context": context,
        "priority": MessagePriority.VERIFICATION,
        "now": now,
    }
