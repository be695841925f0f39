"""Due rows become messages on a real SMTP connection: once each, in order, in their language, at a stable address."""

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from outbox.composing import compose
from outbox.delivery import DeliveryReport, deliver_batch
from outbox.models import MessagePriority, MessageState, OutgoingMessage
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db


def test_a_due_message_is_delivered_once(smtp: SmtpServer, alice: str) -> None:
    message = make_message(recipient=alice)

    first = deliver_batch(now=NOW)
    second = deliver_batch(now=NOW)

    message.refresh_from_db()
    assert (first, second) == (DeliveryReport(sent=1), DeliveryReport())
    assert smtp.recipients == [alice]
    assert (message.state, message.sent_at, message.attempts) == (MessageState.SENT, NOW, 1)


def test_a_message_has_both_parts_and_the_headers_of_automatic_mail(smtp: SmtpServer) -> None:
    make_message()

    deliver_batch(now=NOW)

    [mail] = smtp.accepted
    assert mail["Subject"] == "Hello, Alice"
    assert mail["From"] == "Keep4o <no-reply@keep4o.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert str(mail["Message-ID"]).endswith("@keep4o.example>")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_bulk_mail_names_the_click_that_ends_it(smtp: SmtpServer) -> None:
    url = f"https://keep4o.example/fr/unsubscribe/{'42.1tXyZa~' + 'x' * 80}/"
    make_message(priority=MessagePriority.BULK, unsubscribe_url=url)

    deliver_batch(now=NOW)

    [mail] = smtp.accepted
    assert str(mail["List-Unsubscribe"]).strip() == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mail_to_one_person_names_no_such_click(smtp: SmtpServer) -> None:
    make_message()

    deliver_batch(now=NOW)

    assert not [name for name in smtp.accepted[0] if name.startswith("List-")]


def test_a_message_speaks_the_language_of_its_row(smtp: SmtpServer) -> None:
    make_message(language="fr")

    deliver_batch(now=NOW)

    [mail] = smtp.accepted
    assert mail["Subject"] == "Bonjour, Alice"
    assert mail["Content-Language"] == "fr"
    html = mail.get_body(("html",))
    assert html is not None
    assert 'lang="fr"' in html.get_content()
    assert "/fr/privacy/" in html.get_content()


def test_plain_text_is_not_escaped_and_html_is() -> None:
    mail = compose(make_message(context={"name": "Ann & <b>Bo</b>", "url": "https://keep4o.example/"}))

    assert "Ann & <b>Bo</b>" in mail.body
    assert mail.subject == "Hello, Ann & <b>Bo</b>"
    assert "Ann &amp; &lt;b&gt;Bo&lt;/b&gt;" in str(mail.alternatives[0].content)


def test_runs_of_empty_lines_are_folded() -> None:
    mail = compose(make_message())

    assert "Good day, Alice.\n\nHere is your link:\nhttps://keep4o.example/go/\n\n--\n" in mail.body


def test_a_name_cannot_add_a_header(smtp: SmtpServer) -> None:
    make_message(context={"name": "Eve\r\nBcc: bob@example.org", "url": "https://keep4o.example/"})

    deliver_batch(now=NOW)

    [mail] = smtp.accepted
    assert mail["Subject"] == "Hello, Eve Bcc: bob@example.org"
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@example.org\nBcc: b@example.org", "a@example.org, b@example.org"]
)
def test_what_is_no_address_fails_and_is_never_sent(smtp: SmtpServer, recipient: str) -> None:
    message = make_message(recipient=recipient)

    deliver_batch(now=NOW)

    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "ValidationError")
    assert smtp.accepted == []


def test_a_batch_uses_one_connection(smtp: SmtpServer) -> None:
    for _ in range(5):
        make_message()

    assert deliver_batch(now=NOW).sent == 5
    assert smtp.connections == 1


def test_nothing_due_opens_no_connection(smtp: SmtpServer) -> None:
    make_message(due_at=NOW + timedelta(seconds=1))

    assert deliver_batch(now=NOW) == DeliveryReport()
    assert smtp.connections == 0


def test_verification_leaves_before_notices_and_these_before_bulk(smtp: SmtpServer) -> None:
    make_message(
        recipient="bulk@example.org", priority=MessagePriority.BULK, unsubscribe_url="https://keep4o.example/u/"
    )
    make_message(recipient="late@example.org", due_at=NOW + timedelta(seconds=1))
    make_message(recipient="early@example.org")
    make_message(recipient="proof@example.org", priority=MessagePriority.VERIFICATION)

    deliver_batch(now=NOW + timedelta(minutes=1))

    assert smtp.recipients == ["proof@example.org", "early@example.org", "late@example.org", "bulk@example.org"]


def test_a_batch_takes_no_more_rows_than_asked(smtp: SmtpServer) -> None:
    for _ in range(4):
        make_message()

    assert deliver_batch(now=NOW, limit=3).sent == 3
    assert OutgoingMessage.objects.due(now=NOW).count() == 1


def test_a_slow_server_ends_the_batch_and_the_rest_stays_due(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outbox.delivery.BATCH_BUDGET_S", 0.1)
    smtp.delay_s = 0.06
    for _ in range(5):
        make_message()

    report = deliver_batch(now=NOW)

    assert 1 <= report.sent < 5
    assert OutgoingMessage.objects.due(now=NOW).count() == 5 - report.sent


def test_the_message_id_belongs_to_the_row() -> None:
    one, other = make_message(), make_message()

    assert _message_id(one) == _message_id(OutgoingMessage.objects.get(pk=one.pk))
    assert _message_id(one) != _message_id(other)


@pytest.mark.django_db(transaction=True)
def test_parallel_deliverers_never_send_a_row_twice(smtp: SmtpServer) -> None:
    for number in range(12):
        make_message(recipient=f"reader{number}@example.org")

    reports = results_of(run_in_parallel(lambda: deliver_batch(now=NOW, limit=5), times=4))

    assert sum(report.sent for report in reports) == 12
    assert len(set(smtp.recipients)) == len(smtp.recipients) == 12


@pytest.mark.django_db(transaction=True)
def test_a_message_owed_by_a_transaction_that_fails_is_never_sent(smtp: SmtpServer) -> None:
    def owe_and_fail() -> None:
        with transaction.atomic():
            make_message()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        owe_and_fail()

    assert deliver_batch(now=NOW) == DeliveryReport()
    assert smtp.accepted == []


def test_a_development_site_keeps_its_mail_in_files(settings: Settings, mail_dir: object) -> None:
    make_message()

    assert deliver_batch(now=NOW).sent == 1
    assert len(list(settings.MAIL_DIR.glob("*.eml"))) == 1


def _message_id(message: OutgoingMessage) -> str:
    return compose(message).extra_headers["Message-ID"]
