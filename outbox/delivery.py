"""
The only code that opens a connection to a mail server: it turns due rows into messages and notes what became of them.

One transaction a batch: a deliverer killed at any instant leaves at most one batch to be sent again, each message with
the Message-ID that it had before. Rows are locked while the server answers, hence small batches and a time budget.
"""

import logging
import re
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from random import Random
from smtplib import (
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils import translation
from django.utils.crypto import salted_hmac

from outbox.forgetting import is_to_be_forgotten
from outbox.models import MessageState, OutgoingMessage
from outbox.rules import (
    FAILED_PAYLOAD_RETENTION,
    SERVICE_CLOSING,
    Outcome,
    is_spent,
    one_line,
    outage_delay,
    outcome_of_smtp_code,
    retry_delay,
)

logger = logging.getLogger(__name__)
BATCH_SIZE = 25
BATCH_BUDGET_S = 15.0  # after it no further message of the batch is begun; the rest is released, still due


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What became of one batch. `server_lost`: the mail server went away, or never answered."""

    sent: int = 0
    failed: int = 0
    delayed: int = 0
    server_lost: bool = False

    @property
    def may_have_more(self) -> bool:
        return bool(self.sent or self.failed or self.delayed) and not self.server_lost


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    """What an exception means for the message that it met, and for the connection."""

    error: str
    outcome: Outcome
    ends_connection: bool = False


def deliver_batch(*, now: datetime, limit: int = BATCH_SIZE, rng: Random | None = None) -> DeliveryReport:
    """
    This function will send the most urgent due messages over one connection; parallel calls take different rows.

    Args:    now: aware UTC instant; a message due later stays.  limit: rows locked at once.
    Returns: how many were sent, refused for good and put off; all zero when nothing is due.
    Writes:  state, attempts, due_at, sent_at and last_error of the rows taken.
    """
    connection = get_connection()
    try:
        with transaction.atomic():
            rng = rng or Random()  # noqa: S311 # jitter keeps no secret
            return _deliver_all(deque(_claim(now=now, limit=limit)), connection, now, rng)
    finally:
        with suppress(OSError):  # a server that will not even say goodbye has taken the messages all the same
            connection.close()


def compose(message: OutgoingMessage) -> EmailMultiAlternatives:
    """
    This function will render a message in its language, as plain text and HTML.

    Raises: CannotUnseal, ValidationError for an address that no server would take, or whatever a template raises.
    """
    payload = message.payload()
    validate_email(payload.recipient)
    with translation.override(message.language):
        context = {**_site_context(message.language), **payload.context}
        mail = EmailMultiAlternatives(
            subject=one_line(_render(f"emails/{message.kind}/subject.txt", context, escape=False)),
            body=_tidy(_render(f"emails/{message.kind}/body.txt", context, escape=False)),
            to=[payload.recipient],
            headers={**_headers(message), **_unsubscribe_headers(payload.unsubscribe_url)},
        )
        mail.attach_alternative(_render(f"emails/{message.kind}/body.html", context, escape=True), "text/html")
    return mail


def purge_payloads(*, now: datetime) -> int:
    """This function will empty what delivered and long-failed messages knew of a person; returns how many rows."""
    kept = OutgoingMessage.objects.with_payload()
    sent = kept.filter(sent_at__lte=now - settings.DELIVERED_MESSAGE_RETENTION)
    failed = kept.failed().filter(due_at__lte=now - FAILED_PAYLOAD_RETENTION)
    return sent.update(payload_sealed=None) + failed.update(payload_sealed=None)


def _claim(*, now: datetime, limit: int) -> list[OutgoingMessage]:
    due = OutgoingMessage.objects.due(now=now).in_order_of_leaving()
    return list(due.select_for_update(skip_locked=True)[:limit])


def _deliver_all(waiting: deque[OutgoingMessage], connection: Any, now: datetime, rng: Random) -> DeliveryReport:
    ends_at = time.monotonic() + BATCH_BUDGET_S
    endings: Counter[MessageState] = Counter()
    is_usable = True
    while is_usable and waiting and time.monotonic() < ends_at:
        is_usable = _open(connection)
        if is_usable:
            message = waiting.popleft()
            if is_to_be_forgotten(message_id=message.pk):
                continue  # its person left after the row was claimed; the clock empties it after this batch
            is_usable = _deliver(message, connection, now, rng)
            endings[MessageState(message.state)] += 1
    if not is_usable:
        endings[MessageState.DUE] += _put_off(waiting, now, rng)
    return _report(endings, server_lost=not is_usable)


def _open(connection: Any) -> bool:
    try:
        connection.open()  # does nothing when it is open
    except OSError as error:  # smtplib's errors are OSErrors
        logger.warning("mail_server_unreachable", extra={"error": type(error).__name__})
        return False
    return True


def _deliver(message: OutgoingMessage, connection: Any, now: datetime, rng: Random) -> bool:
    """This function will send one message, note how it ended, and tell whether the connection can take another."""
    message.attempts += 1
    refusal = _send(message, connection)
    if refusal is None:
        _mark_sent(message, now)
    elif refusal.outcome is Outcome.PERMANENT or is_spent(attempts=message.attempts):
        _mark_failed(message, refusal.error)
    else:
        _mark_delayed(message, refusal.error, now, rng)
    return refusal is None or not refusal.ends_connection


def _send(message: OutgoingMessage, connection: Any) -> _Refusal | None:
    try:
        mail = compose(message)
    except Exception as error:  # noqa: BLE001 # a template can fail in any way, and only its own message must
        return _Refusal(error=type(error).__name__, outcome=Outcome.PERMANENT)
    try:
        connection.send_messages([mail])
    except (OSError, ValueError) as error:
        return _refusal_of(error)
    return None


def _refusal_of(error: Exception) -> _Refusal:
    match error:
        case SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            return _answered(code, outcome_of_smtp_code(code))
        case SMTPHeloError() | SMTPSenderRefused():
            # It is this site that is refused, not the recipient: an operator can put it right.
            return _answered(error.smtp_code, Outcome.TRANSIENT)
        case SMTPResponseException():
            return _answered(error.smtp_code, outcome_of_smtp_code(error.smtp_code))
        case SMTPNotSupportedError() | ValueError():  # an address that this server, or any, cannot be given
            return _Refusal(error=type(error).__name__, outcome=Outcome.PERMANENT)
        case _:
            return _Refusal(error=type(error).__name__, outcome=Outcome.TRANSIENT, ends_connection=True)


def _answered(code: int, outcome: Outcome) -> _Refusal:
    return _Refusal(error=f"SMTP {code}", outcome=outcome, ends_connection=code == SERVICE_CLOSING)


def _mark_sent(message: OutgoingMessage, now: datetime) -> None:
    message.state = MessageState.SENT
    message.sent_at = now
    message.last_error = ""
    message.save(update_fields=["state", "sent_at", "attempts", "last_error"])


def _mark_failed(message: OutgoingMessage, error: str) -> None:
    message.state = MessageState.FAILED
    message.last_error = error
    message.save(update_fields=["state", "attempts", "last_error"])
    logger.warning("message_failed", extra={"message_id": message.pk, "kind": message.kind, "error": error})


def _mark_delayed(message: OutgoingMessage, error: str, now: datetime, rng: Random) -> None:
    message.due_at = now + retry_delay(attempts=message.attempts, rng=rng)
    message.last_error = error
    message.save(update_fields=["due_at", "attempts", "last_error"])


def _put_off(untried: deque[OutgoingMessage], now: datetime, rng: Random) -> int:
    # These were not tried: their attempts stay, so that no outage, however long, makes a message fail.
    for message in untried:
        message.due_at = now + outage_delay(rng=rng)
        message.save(update_fields=["due_at"])
    return len(untried)


def _report(endings: Counter[MessageState], *, server_lost: bool) -> DeliveryReport:
    return DeliveryReport(
        sent=endings[MessageState.SENT],
        failed=endings[MessageState.FAILED],
        delayed=endings[MessageState.DUE],
        server_lost=server_lost,
    )


def _site_context(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
    }


def _headers(message: OutgoingMessage) -> dict[str, str]:
    # The same row is the same message for ever: a mail program shows a repeated delivery once.
    digest = salted_hmac("outbox.message-id", f"{message.pk}:{message.unique_key}").hexdigest()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return {
        "Message-ID": f"<{digest}@{domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies, please
        "Content-Language": message.language,
    }


def _unsubscribe_headers(url: str) -> dict[str, str]:
    # RFC 8058: a button of the mail program that POSTs there by itself, without opening a page.
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _render(template_name: str, context: dict[str, Any], *, escape: bool) -> str:
    template = get_template(template_name)
    assert isinstance(template, Template)
    return template.template.render(Context(context, autoescape=escape))


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
