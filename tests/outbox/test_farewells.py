"""A server that takes only so many mails over one connection says 421: it is called anew, and each mail leaves once."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connections, transaction

from outbox.delivery import DeliveryReport, deliver_batch
from outbox.forgetting import forget_messages
from outbox.models import MessagePriority, MessageState, OutgoingMessage
from outbox.tasks import deliver_due_messages
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=7)
at_each_command = pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "TEXT"])
together_and_one_by_one = pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])


def owe(count: int) -> list[str]:
    people = [f"reader{number}@example.org" for number in range(count)]
    for person in people:
        make_message(recipient=person)
    return people


def tire(smtp: SmtpServer, *, command: str, mails: int, together: bool = True) -> None:
    smtp.farewell_at, smtp.mails_per_connection, smtp.takes_envelopes_whole = command, mails, together


@at_each_command
@together_and_one_by_one
def test_a_server_that_hangs_up_after_some_mails_is_called_anew_at_once(
    smtp: SmtpServer, command: str, together: bool
) -> None:
    tire(smtp, command=command, mails=10, together=together)
    people = owe(15)

    assert deliver_batch(now=NOW) == DeliveryReport(sent=15)

    assert (smtp.recipients, smtp.connections) == (people, 2)
    assert set(OutgoingMessage.objects.values_list("state", "attempts", "last_error")) == {(MessageState.SENT, 1, "")}


@at_each_command
@together_and_one_by_one
def test_a_server_that_takes_nothing_over_a_fresh_connection_either_is_left_alone(
    smtp: SmtpServer, command: str, together: bool
) -> None:
    tire(smtp, command=command, mails=0, together=together)
    owe(3)

    assert deliver_batch(now=NOW, rng=Random(1)) == DeliveryReport(delayed=3, server_lost=True)

    assert (smtp.recipients, smtp.connections) == ([], 2)
    _refused_once_and_the_rest_untried()
    smtp.farewell_at = ""
    assert deliver_batch(now=LATER).sent == 3


@at_each_command
def test_a_server_that_does_not_take_the_second_call_is_left_alone(smtp: SmtpServer, command: str) -> None:
    tire(smtp, command=command, mails=1)
    smtp.on_message = lambda: setattr(smtp, "greeting", "421 too busy")
    people = owe(4)

    assert deliver_batch(now=NOW, rng=Random(1)) == DeliveryReport(sent=1, delayed=3, server_lost=True)

    _refused_once_and_the_rest_untried()
    smtp.greeting, smtp.farewell_at = "220 ready", ""
    assert deliver_batch(now=LATER).sent == 3
    assert sorted(smtp.recipients) == people


@together_and_one_by_one
@pytest.mark.parametrize("mails", [1, 2, 5])
def test_a_server_of_very_short_connections_is_called_anew_as_long_as_it_takes_mails(
    smtp: SmtpServer, mails: int, together: bool
) -> None:
    tire(smtp, command="MAIL", mails=mails, together=together)
    people = owe(10)

    assert deliver_batch(now=NOW) == DeliveryReport(sent=10)

    assert (smtp.recipients, smtp.connections) == (people, 10 // mails)
    assert set(OutgoingMessage.objects.values_list("state", "attempts")) == {(MessageState.SENT, 1)}


@pytest.mark.django_db(transaction=True)
def test_the_clock_sends_all_that_is_due_to_a_server_of_short_connections(smtp: SmtpServer) -> None:
    tire(smtp, command="MAIL", mails=20)
    people = owe(60)

    deliver_due_messages()

    assert (smtp.recipients, smtp.connections) == (people, 3)


# --- What travels with the mail before it ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("priority", "together", "announced"),
    [
        (MessagePriority.VERIFICATION, True, 3),
        (MessagePriority.NOTICE, True, 3),
        (MessagePriority.NOTICE, False, 0),
        (MessagePriority.BULK, True, 0),  # which may have to yield until it leaves
    ],
)
def test_the_envelope_of_a_mail_travels_with_the_text_before_it(
    smtp: SmtpServer, priority: MessagePriority, together: bool, announced: int
) -> None:
    smtp.takes_envelopes_whole = together
    for _ in range(4):
        make_message(priority=priority, unsubscribe_url="https://keep4o.example/u/")

    assert deliver_batch(now=NOW).sent == 4

    assert (smtp.announced, smtp.connections) == (announced, 1)


@pytest.mark.parametrize(("answer", "ending"), [("554 5.7.1 spam", "failed"), ("452 4.3.1 full", "delayed")])
def test_a_refused_text_harms_neither_the_mail_before_it_nor_the_one_behind(
    smtp: SmtpServer, answer: str, ending: str
) -> None:
    people = owe(4)
    smtp.text_answers[people[1]] = smtp.text_answers[people[2]] = answer

    report = deliver_batch(now=NOW)

    assert (report.sent, getattr(report, ending), report.server_lost) == (2, 2, False)
    assert (smtp.recipients, smtp.connections) == ([people[0], people[3]], 1)


@pytest.mark.parametrize(
    ("kind", "recipient"),
    [("broken", "a@example.org"), ("greeting", "nobody"), ("greeting", "gone@example.org")],
)
def test_a_mail_that_cannot_leave_stops_none_around_it(smtp: SmtpServer, kind: str, recipient: str) -> None:
    smtp.recipient_answers["gone@example.org"] = "550 5.1.1 unknown"
    make_message(recipient="first@example.org")
    make_message(kind=kind, recipient=recipient)
    make_message(recipient="last@example.org")

    assert deliver_batch(now=NOW) == DeliveryReport(sent=2, failed=1)

    assert (smtp.recipients, smtp.connections) == (["first@example.org", "last@example.org"], 1)


@pytest.mark.django_db(transaction=True)
def test_whoever_leaves_after_the_server_was_told_of_a_mail_gets_none(smtp: SmtpServer) -> None:
    _, leaving, _ = (make_message(recipient=f"{name}@example.org") for name in ("first", "leaving", "last"))

    def leave() -> None:
        with transaction.atomic():
            forget_messages(unique_keys=[leaving.unique_key], now=NOW)
        connections.close_all()

    smtp.on_message = leave

    assert deliver_batch(now=NOW).sent == 2

    assert smtp.recipients == ["first@example.org", "last@example.org"]
    assert smtp.begun == 3  # it had asked for the text, and was left without


def test_a_batch_without_time_for_a_mail_that_the_server_was_told_of_leaves_it_due(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outbox.delivery.BATCH_BUDGET_S", 0.1)
    smtp.delay_s = 0.15
    people = owe(3)

    assert [deliver_batch(now=NOW) for _ in people] == [DeliveryReport(sent=1)] * 3

    assert smtp.recipients == people


def _refused_once_and_the_rest_untried() -> None:
    """As if the server had been asked once: the one that it refused comes back in seconds, the others in half a minute."""
    due = OutgoingMessage.objects.filter(state=MessageState.DUE).order_by("pk")
    assert [(row.attempts, row.last_error) for row in due] == [(1, "SMTP 421"), (0, "SMTP 421"), (0, "SMTP 421")]
    waits = [(row.due_at - NOW).total_seconds() for row in due]
    assert 7.5 <= waits[0] <= 12.5
    assert all(22.5 <= wait <= 37.5 for wait in waits[1:])
