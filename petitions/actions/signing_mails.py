"""What each mail of the signing path says, and to whom: always the address that was typed, in the language of the form."""

from datetime import datetime
from typing import Any

from django.conf import settings

from outbox.models import MessagePriority
from outbox.queue import queue_email
from petitions.models import PendingSignature
from petitions.queries.links import absolute_url, my_signature_token, proof_token
from petitions.queries.sealed import email_of, name_of
from petitions.queries.signing import SigningFacts
from petitions.rules.countries import country_names


def owe_proof_mail(*, facts: SigningFacts, attempt: PendingSignature, unique_key: str, now: datetime) -> None:
    """This function will owe the link that proves an attempt, with exactly what was typed."""
    language = attempt.language
    context = {
        **_petition_context(title=facts.title, attempt=attempt),
        "addressee": facts.petition.addressee,
        "proof_url": absolute_url(view="verify", language=language, token=proof_token(attempt=attempt, now=now)),
        "lifetime_days": settings.PENDING_SIGNATURE_LIFETIME.days,
    }
    _queue(kind="verify_signature", unique_key=unique_key, attempt=attempt, context=context, now=now)


def owe_already_signed_mail(*, facts: SigningFacts, attempt: PendingSignature, unique_key: str, now: datetime) -> None:
    """This function will owe the link to the signature that this person has proved already."""
    assert facts.signature_id is not None
    context = {
        **_petition_context(title=facts.title, attempt=attempt),
        "my_signature_url": _my_signature_url(signature_id=facts.signature_id, language=attempt.language, now=now),
    }
    _queue(kind="already_signed", unique_key=unique_key, attempt=attempt, context=context, now=now)


def owe_confirmation_mail(*, attempt: PendingSignature, title: str, signature_id: int, now: datetime) -> None:
    """This function will owe the mail that says the signature counts, with the link to see and leave."""
    context = {
        **_petition_context(title=title, attempt=attempt),
        "my_signature_url": _my_signature_url(signature_id=signature_id, language=attempt.language, now=now),
    }
    unique_key = f"signature-confirmed:{signature_id}"
    _queue(kind="signature_confirmed", unique_key=unique_key, attempt=attempt, context=context, now=now)


def _petition_context(*, title: str, attempt: PendingSignature) -> dict[str, Any]:
    return {
        "title": title,
        "petition_url": absolute_url(view="petition-detail", language=attempt.language, slug=attempt.petition.slug),
        "name": name_of(attempt),
        "country": country_names(attempt.language).get(attempt.country, ""),
        "wants_news": attempt.wants_news,
    }


def _my_signature_url(*, signature_id: int, language: str, now: datetime) -> str:
    token = my_signature_token(signature_id=signature_id, now=now)
    return absolute_url(view="my-signature", language=language, token=token)


def _queue(*, kind: str, unique_key: str, attempt: PendingSignature, context: dict[str, Any], now: datetime) -> None:
    queue_email(
        kind=kind,
        unique_key=unique_key,
        recipient=email_of(attempt),
        language=attempt.language,
        context=context,
        now=now,
        priority=MessagePriority.VERIFICATION,
    )
