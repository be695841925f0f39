"""Turns a row into the message that a mail server is given: text and HTML in the row's language, and its headers."""

import re
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from outbox.mail_templates import render_mail
from outbox.mime import Mail
from outbox.models import MessagePriority, OutgoingMessage, Payload
from outbox.rules import one_line


def compose(message: OutgoingMessage) -> Mail:
    """
    This function will render a message in its language, as plain text and HTML.

    Raises: CannotUnseal, ValidationError for an address that no server would take, or whatever a template raises.
    """
    return compose_for(message, message.payload())


def compose_for(message: OutgoingMessage, payload: Payload) -> Mail:
    """This function will do the same with a payload that is open already; raises ValidationError or a template's error."""
    validate_email(payload.recipient)
    context = {**_site_context(message.language), **payload.context}
    mail = Mail(
        subject=one_line(_rendered("subject.txt", message, context)),
        body=_tidy(_rendered("body.txt", message, context)),
        to=[payload.recipient],
        headers={**_headers(message), **_unsubscribe_headers(message, payload)},
    )
    mail.attach_alternative(_rendered("body.html", message, context), "text/html")
    return mail


def _site_context(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "privacy_path": _privacy_path(language),
    }


@lru_cache(maxsize=32)
def _privacy_path(language: str) -> str:
    with translation.override(language):
        return reverse("privacy")


def _headers(message: OutgoingMessage) -> dict[str, str]:
    # The same row is the same message for ever: a mail program shows a repeated delivery once.
    digest = salted_hmac("outbox.message-id", f"{message.pk}:{message.unique_key}").hexdigest()
    return {
        "Message-ID": f"<{digest}@{_domain(settings.DEFAULT_FROM_EMAIL)}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies, please
        "Content-Language": message.language,
    }


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _unsubscribe_headers(message: OutgoingMessage, payload: Payload) -> dict[str, str]:
    # RFC 8058: a button of the mail program that POSTs there by itself, without opening a page. Only where there is
    # something to end: a proof or a password is no list.
    if message.priority != MessagePriority.BULK or not payload.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{payload.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _rendered(part: str, message: OutgoingMessage, context: dict[str, Any]) -> str:
    return render_mail(template_name=f"{message.kind}/{part}", language=message.language, context=context)


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
