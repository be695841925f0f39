"""Posting to the webhook as a provider does, and what stands in the tables after it."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from outbox.digests import address_digest
from outbox.models import MessageState, OutgoingMessage, Suppression
from tests.factories import make_message
from tests.outbox import provider_payloads as payloads
from tests.outbox.provider_payloads import BREVO_ID, MAILGUN_ID, POSTMARK_ID

IDS = {"postmark": POSTMARK_ID, "mailgun": MAILGUN_ID, "brevo": BREVO_ID}
GONE = {
    "postmark": payloads.postmark_bounce(),
    "mailgun": payloads.mailgun_failure("permanent", 550, "5.1.1 no such mailbox"),
    "brevo": payloads.brevo("hard_bounce", reason="550 5.1.1 unknown user"),
}


def configure(settings: Settings, provider: str) -> None:
    settings.MAIL_PROVIDER = provider
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": payloads.SECRET,
        "MAILGUN_API_KEY": "key",
        "MAILGUN_WEBHOOK_SIGNING_KEY": payloads.MAILGUN_SIGNING_KEY,
        "BREVO_API_KEY": "key",
    }


def post(payload: dict[str, Any] | bytes, *, provider: str = "postmark", auth: str = payloads.SECRET) -> HttpResponse:
    """As a program outside posts: no cookie, no Origin, CSRF checks in force."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    body = payload if isinstance(payload, bytes) else payloads.as_body(payload)
    headers = payloads.basic_auth(auth) if auth else {}
    return client.post(reverse("mail-webhook", args=[provider]), body, "application/json", headers=headers)


def sent_message(provider: str = "postmark", *, recipient: str = "alice@example.org") -> OutgoingMessage:
    message = make_message(recipient=recipient)
    message.state, message.sent_at, message.provider_id = MessageState.SENT, message.created_at, IDS[provider]
    message.save()
    return message


def is_suppressed(address: str = "alice@example.org") -> bool:
    return Suppression.objects.filter(address_digest=address_digest(address=address)).exists()
