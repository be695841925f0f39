"""Owing a message: the row is written in the caller's transaction; a beat task delivers it after the commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.db.models import DateTimeField, F
from django.db.models.functions import Greatest

from outbox.digests import domain_digest
from outbox.flights import Statement
from outbox.models import UNSUBSCRIBE_URL, MessagePriority, MessageState, OutgoingMessage, Payload
from outbox.prepared import run_prepared
from outbox.rows import RowText

_ROW = RowText(OutgoingMessage, prefix="mail_")


class UnsubscribeLinkMissing(ValueError):
    """Bulk mail was to be owed without the one click that ends it."""


class Email(TypedDict):
    """
    An e-mail to be owed.

    kind: folder under templates/emails/ holding subject.txt, body.txt and body.html.
    context: JSON values only; links are absolute. It is sealed with the recipient.
    due_at: earliest instant of delivery, `now` by default.
    unsubscribe_url: where one POST without a cookie ends such mail for its reader (RFC 8058). Bulk mail must have one;
    its templates find it as `unsubscribe_url`.
    domain_digest: of the recipient, where the caller has it already.
    """

    kind: str
    unique_key: str
    recipient: str
    language: str
    context: dict[str, Any]
    now: datetime
    due_at: NotRequired[datetime | None]
    priority: NotRequired[MessagePriority]
    unsubscribe_url: NotRequired[str]
    domain_digest: NotRequired[bytes]


def queue_email(**email: Unpack[Email]) -> None:
    """
    This function will owe one e-mail; owing the same `unique_key` again changes nothing.

    Raises:  UnsubscribeLinkMissing.
    Writes:  one OutgoingMessage, in the caller's transaction; nothing is sent or enqueued here.
    """
    run_prepared(_INSERT_EMAIL, email_parameters(**email))


def insert_email(*, source: str = "") -> str:
    """
    This function will write the statement that owes the e-mail of `email_parameters`, for a greater one to hold.

    Args: source: "FROM …" or "WHERE …" of that one: without a row of it there is no e-mail.
    """
    return f"""
    INSERT INTO outbox_outgoingmessage ({_ROW.columns}) SELECT {_ROW.placeholders} {source}
    ON CONFLICT ON CONSTRAINT outgoing_message_unique_key DO NOTHING"""  # names, no input


def email_parameters(**email: Unpack[Email]) -> dict[str, Any]:
    """This function will seal an e-mail and name by placeholder what `insert_email` writes; see queue_email."""
    priority, context = email.get("priority", MessagePriority.NOTICE), email["context"]
    unsubscribe_url = email.get("unsubscribe_url", "")
    if priority == MessagePriority.BULK and not unsubscribe_url:
        raise UnsubscribeLinkMissing(email["kind"])
    if unsubscribe_url:
        context = {**context, UNSUBSCRIBE_URL: unsubscribe_url}
    return _ROW.parameters(
        {
            "kind": email["kind"],
            "unique_key": email["unique_key"],
            "language": email["language"],
            "payload_sealed": Payload(recipient=email["recipient"], context=context).sealed(),
            "domain_digest": email.get("domain_digest") or domain_digest(address=email["recipient"]),
            "priority": priority,
            "created_at": email["now"],
            "due_at": email.get("due_at") or email["now"],
        }
    )


_INSERT_EMAIL = Statement(insert_email())


def try_again(*, message_ids: Iterable[int], now: datetime) -> int:
    """
    This function will owe failed messages anew, with all their attempts before them.

    Returns: how many are due again; a message that has not failed, or whose payload was purged, is left as it is.
    Writes:  state, attempts, due_at and last_error of those rows, in one statement.
    """
    failed = OutgoingMessage.objects.failed().with_payload().filter(pk__in=message_ids)
    due_at = Greatest(F("created_at"), now, output_field=DateTimeField())  # clocks of two servers may differ
    return failed.update(state=MessageState.DUE, attempts=0, due_at=due_at, last_error="")
