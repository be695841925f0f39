"""
Where the mail provider tells what became of our messages: anymail's own views and signal, and nothing else of them.

The signal is that library's interface; our own flow has none. Its one receiver hands each event to one action.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from anymail.signals import EventType, tracking
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig, SuspiciousOperation
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from outbox.digests import keyed_digest
from outbox.models import DeliveryEventKind
from outbox.rules import DELIVERY_EVENT_RETENTION, Bounce, meaning_of_bounce
from outbox.tracking import ToldEvent, record_event

logger = logging.getLogger(__name__)
_VIEWS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
}
# Opens and clicks we do not want to know, and unsubscribing is our own link's business.
_KINDS = {
    EventType.DELIVERED: DeliveryEventKind.DELIVERED,
    EventType.BOUNCED: DeliveryEventKind.BOUNCED,
    EventType.DEFERRED: DeliveryEventKind.DEFERRED,
    EventType.REJECTED: DeliveryEventKind.REJECTED,
    EventType.FAILED: DeliveryEventKind.REJECTED,
    EventType.COMPLAINED: DeliveryEventKind.COMPLAINED,
}
# What anymail's parsers raise over a body that is not what the provider documents.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, ImproperlyConfigured)
_EVENT_ID_PURPOSE = "delivery-event"
_MAX_CHARS = 200


@csrf_exempt  # a program posts here; what it must show is checked by anymail
def mail_webhook(request: HttpRequest, provider: str) -> HttpResponseBase:
    """This function will let anymail check and read what the configured provider posts; there is no other address."""
    if provider != settings.MAIL_PROVIDER or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404
    view = import_string(_VIEWS[provider]).as_view()
    try:
        answer: HttpResponseBase = view(request)
    except RequestDataTooBig:
        raise
    except SuspiciousOperation:
        # Not anymail's 400: at 403 Postmark stops repeating, and no log line says what the caller showed.
        logger.warning("mail_webhook_refused", extra={"provider": provider})
        return HttpResponse("This caller is not the mail provider.\n", status=403, content_type="text/plain")
    except _UNREADABLE as error:
        logger.warning("mail_webhook_unreadable", extra={"provider": provider, "error": type(error).__name__})
        return HttpResponse("This is no event that we know.\n", status=400, content_type="text/plain")
    return answer


@receiver(tracking, dispatch_uid="outbox.webhooks")
def hear(*, event: Any, esp_name: str, **_others: Any) -> None:
    """This function will hand one event of anymail's to the action that records it; what we do not ask for is dropped."""
    kind = _KINDS.get(event.event_type)
    if kind is None:
        return
    now = timezone.now()
    record_event(told=_told(event, esp_name.lower(), kind, now), now=now)


def _told(event: Any, provider: str, kind: DeliveryEventKind, now: datetime) -> ToldEvent:
    provider_id = _clean(event.message_id)
    recipient = _clean(event.recipient)
    return ToldEvent(
        provider=provider,
        event_id=f"{kind}:{_clean(event.event_id) or _made_id(event, provider_id, recipient)}"[:_MAX_CHARS],
        kind=kind,
        provider_id=provider_id,
        recipient=recipient,
        ends_writing=kind == DeliveryEventKind.COMPLAINED or (kind == DeliveryEventKind.BOUNCED and _is_gone(event)),
        occurred_at=_instant(event.timestamp, now),
    )


def _made_id(event: Any, provider_id: str, recipient: str) -> str:
    """This function will name an event that its provider gives no name, the same each time that it is told."""
    text = f"{provider_id} {event.timestamp} {recipient}"
    return keyed_digest(text=text, purpose=_EVENT_ID_PURPOSE).hex()


def _is_gone(event: Any) -> bool:
    told = event.esp_event if isinstance(event.esp_event, dict) else {}
    words = f"{told.get('Type', '')} {told.get('event', '')}"
    return meaning_of_bounce(words=words, answer=str(event.mta_response or "")) is Bounce.MAILBOX_GONE


def _instant(told: datetime | None, now: datetime) -> datetime:
    """This function will believe a provider's clock as far as it can be right."""
    if told is None:
        return now
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return aware if now - DELIVERY_EVENT_RETENTION < aware < now else now


def _clean(text: object) -> str:
    return "".join(sign for sign in str(text or "") if sign.isprintable())[:_MAX_CHARS].strip()
