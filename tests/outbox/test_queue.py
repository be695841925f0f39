"""Owing a message: one row for one key, sealed, and forgotten in time."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from outbox.delivery import deliver_batch, purge_payloads
from outbox.models import MessagePriority, MessageState, OutgoingMessage
from outbox.queue import UnsubscribeLinkMissing, queue_email
from outbox.sealing import CannotUnseal
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db


def test_a_message_waits_until_it_is_due() -> None:
    message = make_message(due_at=NOW + timedelta(hours=1))

    assert (message.state, message.created_at, message.due_at) == (MessageState.DUE, NOW, NOW + timedelta(hours=1))


def test_the_row_holds_no_readable_word_of_recipient_or_context(alice: str) -> None:
    make_message(recipient=alice)

    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_outgoingmessage::text, payload_sealed FROM outbox_outgoingmessage")
        text, sealed = cursor.fetchone()
    assert not [word for word in ("alice", "Alice", "keep4o.example") if word in text or word.encode() in bytes(sealed)]


def test_what_was_owed_is_what_is_read_back(alice: str) -> None:
    context = {"name": "Zoé 🌸", "count": 20_000, "nested": {"ok": True}}
    payload = make_message(recipient=alice, context=context).payload()

    assert (payload.recipient, payload.context) == (alice, context)


def test_owing_the_same_key_again_changes_nothing(alice: str) -> None:
    make_message(unique_key="once", recipient=alice)
    make_message(unique_key="once", recipient="someone-else@example.org", kind="other")

    [message] = OutgoingMessage.objects.all()
    assert (message.kind, message.payload().recipient) == ("greeting", alice)


def test_a_message_due_before_it_was_owed_is_refused() -> None:
    with pytest.raises(IntegrityError, match="outgoing_message_due_after_created"):
        make_message(due_at=NOW - timedelta(seconds=1))


def test_bulk_mail_without_the_click_that_ends_it_is_never_owed() -> None:
    with pytest.raises(UnsubscribeLinkMissing, match="greeting"):
        make_message(priority=MessagePriority.BULK)

    assert not OutgoingMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_owing_one_key_in_parallel_makes_one_row(alice: str) -> None:
    def owe() -> None:
        queue_email(kind="greeting", unique_key="once", recipient=alice, language="en", context={}, now=NOW, due_at=NOW)

    results_of(run_in_parallel(owe, times=20))

    assert OutgoingMessage.objects.count() == 1


def test_a_delivered_message_forgets_whom_it_was_for_after_a_week(smtp: SmtpServer) -> None:
    message = make_message()
    deliver_batch(now=NOW)

    assert purge_payloads(now=NOW + timedelta(days=7, seconds=-1)) == 0
    assert purge_payloads(now=NOW + timedelta(days=7)) == 1

    message.refresh_from_db()
    assert (message.state, message.payload_sealed) == (MessageState.SENT, None)
    with pytest.raises(CannotUnseal):
        message.payload()


def test_a_failed_message_is_kept_for_a_month_and_then_forgets(smtp: SmtpServer) -> None:
    smtp.recipient_answers["alice@example.org"] = "550 no"
    make_message()
    deliver_batch(now=NOW)

    assert purge_payloads(now=NOW + timedelta(days=29)) == 0
    assert purge_payloads(now=NOW + timedelta(days=30)) == 1


def test_a_waiting_message_is_never_purged() -> None:
    make_message()

    assert purge_payloads(now=NOW + timedelta(days=400)) == 0


def test_a_purged_message_still_keeps_its_key(smtp: SmtpServer) -> None:
    make_message(unique_key="once")
    deliver_batch(now=NOW)
    purge_payloads(now=NOW + timedelta(days=8))

    make_message(unique_key="once")

    assert deliver_batch(now=NOW + timedelta(days=9)).sent == 0
