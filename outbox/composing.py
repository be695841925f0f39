"""Turns a row into the message that a mail server is given: text and HTML in the row's language, and its headers."""

import re
from email.utils import parseaddr
from functools import lru_cache
from hmac import HMAC

from django.conf import settings
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac

from outbox.mail_templates import render_mail
from outbox.mime import Mail
from outbox.models import MessagePriority, OutgoingMessage, Payload
from outbox.rules import one_line

_EMPTY_LINES = re.compile(r"\n{3,}")


def compose(message: OutgoingMessage) -> Mail:
    """
    This function will render a message in its language, as plain text and HTML.

    Raises: CannotUnseal, ValidationError for an address that no server would take, or whatever a template raises.
    """
    return compose_for(message, message.payload())


def compose_for(message: OutgoingMessage, payload: Payload) -> Mail:
    """This function will do the same with a payload that is open already; raises ValidationError or a template's error."""
    validate_email(payload.recipient)
    context = {"contact_email": settings.CONTACT_EMAIL, **payload.context}
    names = (f"{message.kind}/subject.txt", f"{message.kind}/body.txt", f"{message.kind}/body.html")
    subject, text, html = render_mail(template_names=names, language=message.language, context=context)
    mail = Mail(
        subject=one_line(subject),
        body=_tidy(text),
        to=[payload.recipient],
        headers={**_headers(message), **_unsubscribe_headers(message, payload)},
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _headers(message: OutgoingMessage) -> dict[str, str]:
    # The same row is the same message for ever: a mail program shows a repeated delivery once.
    digest = _message_ids(settings.SECRET_KEY).copy()
    digest.update(f"{message.pk}:{message.unique_key}".encode())
    return {
        "Message-ID": f"<{digest.hexdigest()}@{_domain(settings.DEFAULT_FROM_EMAIL)}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies, please
        "Content-Language": message.language,
    }


@lru_cache(maxsize=8)
def _message_ids(secret_key: str) -> HMAC:
    """This function will begin a digest: that is most of the work, and the same for each message."""
    return salted_hmac("outbox.message-id", "", secret=secret_key)


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


def _tidy(text: str) -> str:
    lines = "\n".join(map(str.rstrip, text.strip().splitlines()))
    return _EMPTY_LINES.sub("\n\n", lines) + "\n"
