"""Whether a server is asked for sender, recipient and text together or one by one, its answers mean the same."""

import re

import pytest
from pytest_django import Settings

from outbox.delivery import DeliveryReport, deliver_batch
from outbox.models import MessageState, OutgoingMessage
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
together_and_one_by_one = pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])


@together_and_one_by_one
@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        ("250 ok", "sent"),
        ("251 forwarded", "sent"),
        ("550 5.1.1 unknown", "failed"),
        ("451 4.7.1 come back", "delayed"),
        ("421 closing", "delayed"),
    ],
)
def test_what_a_server_says_of_a_recipient(smtp: SmtpServer, together: bool, answer: str, ending: str) -> None:
    smtp.takes_envelopes_whole = together
    smtp.recipient_answers["alice@example.org"] = answer
    first = make_message(recipient="alice@example.org")
    second = make_message(recipient="bob@example.org")

    report = deliver_batch(now=NOW)

    first.refresh_from_db()
    second.refresh_from_db()
    is_closing = answer.startswith("421")
    assert getattr(report, ending) == (2 if is_closing or ending == "sent" else 1)
    assert report.server_lost == is_closing
    assert first.last_error == ("" if ending == "sent" else f"SMTP {answer[:3]}")
    assert second.state == (MessageState.DUE if is_closing else MessageState.SENT)


@together_and_one_by_one
@pytest.mark.parametrize(
    ("answer", "is_lost"), [("550 5.7.1 not you", False), ("451 slowly", False), ("421 bye", True)]
)
def test_a_server_that_refuses_the_sender_delays_the_mail(
    smtp: SmtpServer, together: bool, answer: str, is_lost: bool
) -> None:
    smtp.takes_envelopes_whole = together
    smtp.sender_answer = answer
    message = make_message()

    assert deliver_batch(now=NOW) == DeliveryReport(delayed=1, server_lost=is_lost)

    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (1, f"SMTP {answer[:3]}")


@together_and_one_by_one
@pytest.mark.parametrize(
    ("answer", "ending"), [("554 5.7.1 spam", "failed"), ("452 4.3.1 full", "delayed"), ("421 bye", "delayed")]
)
def test_what_a_server_says_of_a_text(smtp: SmtpServer, together: bool, answer: str, ending: str) -> None:
    smtp.takes_envelopes_whole = together
    smtp.data_answer = answer
    make_message()

    report = deliver_batch(now=NOW)

    assert (getattr(report, ending), report.server_lost) == (1, answer.startswith("421"))
    assert OutgoingMessage.objects.get().last_error == f"SMTP {answer[:3]}"


def test_a_server_that_asks_for_the_text_of_a_refused_mail_gets_none(smtp: SmtpServer) -> None:
    smtp.asks_for_text_of_nobody = True
    smtp.recipient_answers["gone@example.org"] = "550 5.1.1 unknown"
    make_message(recipient="gone@example.org")
    make_message(recipient="here@example.org")

    report = deliver_batch(now=NOW)

    assert (report.sent, report.failed, smtp.connections) == (1, 1, 1)
    assert smtp.recipients == ["here@example.org"]


@together_and_one_by_one
def test_a_server_that_hangs_up_after_a_refusal_is_believed(smtp: SmtpServer, together: bool) -> None:
    smtp.takes_envelopes_whole = together
    smtp.hangs_up_after_refusal = True
    smtp.recipient_answers["gone@example.org"] = "550 5.1.1 unknown"
    make_message(recipient="gone@example.org")

    assert deliver_batch(now=NOW) == DeliveryReport(failed=1)

    assert OutgoingMessage.objects.get().last_error == "SMTP 550"


@together_and_one_by_one
def test_no_line_of_a_text_ends_it(smtp: SmtpServer, together: bool) -> None:
    smtp.takes_envelopes_whole = together
    make_message(context={"name": "Alice\n.\nMAIL FROM:<mallory@example.org>\n..", "url": "https://keep4o.example/"})

    assert deliver_batch(now=NOW).sent == 1

    [mail] = smtp.accepted
    assert "\n.\nMAIL FROM:<mallory@example.org>\n...\n" in _text(mail)


@pytest.mark.parametrize("sender", ["Zoé & Co <no-reply@bücher.example>", "no-reply@keep4o.example"])
def test_a_sender_of_any_script_leaves_in_plain_letters(smtp: SmtpServer, settings: Settings, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender
    make_message(recipient="alice@bücher.example")

    assert deliver_batch(now=NOW).sent == 1

    [mail] = smtp.accepted
    assert mail["To"] == "alice@xn--bcher-kva.example"
    assert re.search(r"no-reply@(xn--bcher-kva|keep4o)\.example", str(mail["From"]))
    assert ("Zoé & Co" in str(mail["From"])) == sender.startswith("Zoé")


def _text(mail: object) -> str:
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[attr-defined]
