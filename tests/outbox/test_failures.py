"""Mail servers refuse, stall, hang up and disappear; workers are killed. Nothing is lost, and next to nothing repeated."""

import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta
from random import Random
from urllib.parse import quote

import pytest
from django.db import connection
from pytest_django import Settings

from outbox.delivery import deliver_batch
from outbox.models import MessageState, OutgoingMessage
from outbox.queue import try_again
from outbox.rules import MAX_ATTEMPTS
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer, running_smtp_server

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=7)  # past every delay
PRIVATE = ("alice@example.org", "Alice", "keep4o.example/go")


def test_a_refused_recipient_does_not_stop_the_others(smtp: SmtpServer) -> None:
    smtp.recipient_answers["gone@example.org"] = "550 5.1.1 no such user gone@example.org"
    gone = make_message(recipient="gone@example.org")
    make_message(recipient="here@example.org")

    report = deliver_batch(now=NOW)

    gone.refresh_from_db()
    assert (report.sent, report.failed) == (1, 1)
    assert (gone.state, gone.last_error) == (MessageState.FAILED, "SMTP 550")
    assert smtp.recipients == ["here@example.org"]


def test_a_greylisted_recipient_is_tried_again_later(smtp: SmtpServer) -> None:
    smtp.recipient_answers["alice@example.org"] = "451 4.7.1 come back"
    message = make_message()

    assert deliver_batch(now=NOW, rng=Random(1)).delayed == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.DUE, 1, "SMTP 451")
    assert NOW < message.due_at <= NOW + timedelta(seconds=15)

    smtp.recipient_answers.clear()
    assert deliver_batch(now=message.due_at).sent == 1


def test_refused_content_fails_and_the_connection_goes_on(smtp: SmtpServer) -> None:
    smtp.data_answer = "554 looks like spam"
    make_message()
    make_message()

    assert deliver_batch(now=NOW).failed == 2
    assert smtp.connections == 1


def test_a_refused_sender_is_the_sites_fault_and_is_tried_again(smtp: SmtpServer) -> None:
    smtp.sender_answer = "553 not your domain"
    make_message()

    report = deliver_batch(now=NOW)

    assert (report.delayed, report.failed) == (1, 0)


def test_a_message_that_is_put_off_too_often_fails(smtp: SmtpServer) -> None:
    smtp.recipient_answers["alice@example.org"] = "451 come back"
    message = make_message()

    for _ in range(MAX_ATTEMPTS):
        message.refresh_from_db()
        deliver_batch(now=message.due_at)

    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, MAX_ATTEMPTS)


def test_no_server_leaves_everything_due_and_its_return_delivers_it(smtp_down: SmtpServer) -> None:
    for _ in range(3):
        make_message()

    report = deliver_batch(now=NOW)

    assert (report.delayed, report.server_lost, report.may_have_more) == (3, True, False)
    assert list(OutgoingMessage.objects.values_list("state", "attempts").distinct()) == [(MessageState.DUE, 0)]
    with running_smtp_server(smtp_down):
        assert deliver_batch(now=LATER).sent == 3


def test_an_outage_of_any_length_makes_no_message_fail(smtp_down: SmtpServer) -> None:
    message = make_message()

    for _ in range(MAX_ATTEMPTS + 1):
        message.refresh_from_db()
        deliver_batch(now=message.due_at)

    message.refresh_from_db()
    assert message.state == MessageState.DUE


def test_a_server_that_greets_with_421_is_asked_again_later(smtp: SmtpServer) -> None:
    smtp.greeting = "421 too busy"
    make_message()

    assert deliver_batch(now=NOW).server_lost

    smtp.greeting = "220 ready"
    assert deliver_batch(now=LATER).sent == 1


def test_a_server_that_closes_with_421_keeps_the_rest_due(smtp: SmtpServer) -> None:
    smtp.recipient_answers["alice@example.org"] = "421 closing"
    make_message()
    make_message(recipient="other@example.org")

    report = deliver_batch(now=NOW)

    assert (report.delayed, report.server_lost) == (2, True)
    smtp.recipient_answers.clear()
    assert deliver_batch(now=LATER).sent == 2


def test_a_server_that_dies_after_data_makes_one_message_come_again_as_itself(smtp: SmtpServer) -> None:
    smtp.dies_after_data_of = 2
    for _ in range(4):
        make_message()

    report = deliver_batch(now=NOW)
    assert (report.sent, report.delayed, report.server_lost) == (1, 3, True)
    assert deliver_batch(now=LATER).sent == 3

    assert len(smtp.message_ids) == 5
    assert len(set(smtp.message_ids)) == 4


def test_a_server_that_stalls_is_left_and_asked_again(smtp: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    smtp.delay_s = 0.5
    make_message()

    assert deliver_batch(now=NOW).server_lost

    smtp.delay_s = 0
    assert deliver_batch(now=LATER).sent == 1


@pytest.mark.parametrize("kind", ["broken", "half", "absent"])
def test_a_broken_template_fails_its_own_message_only(smtp: SmtpServer, kind: str) -> None:
    broken = make_message(kind=kind)
    make_message()

    report = deliver_batch(now=NOW)

    broken.refresh_from_db()
    assert (report.sent, report.failed) == (1, 1)
    assert (broken.state, broken.attempts) == (MessageState.FAILED, 1)
    assert broken.last_error in {"TemplateNotFound", "UndefinedError"}


def test_a_payload_that_does_not_open_fails(smtp: SmtpServer) -> None:
    message = make_message()
    OutgoingMessage.objects.update(payload_sealed=b"\x01\x03tst" + bytes(40))

    deliver_batch(now=NOW)

    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "CannotUnseal")


def test_no_failure_tells_whom_it_was_for(smtp: SmtpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    make_message(kind="broken")
    smtp.recipient_answers["alice@example.org"] = "550 alice@example.org is unknown"
    make_message()
    deliver_batch(now=NOW)
    smtp.recipient_answers["alice@example.org"] = "451 alice@example.org may come back"
    make_message()
    deliver_batch(now=NOW)

    said = [
        *(str(vars(record)) for record in caplog.records),
        *OutgoingMessage.objects.values_list("last_error", flat=True),
    ]
    assert any("message_failed" in line for line in said)
    assert not [(word, line) for word in PRIVATE for line in said if word in line]


def test_a_failed_message_can_be_tried_again(smtp: SmtpServer) -> None:
    smtp.recipient_answers["alice@example.org"] = "550 no"
    message = make_message()
    deliver_batch(now=NOW)
    smtp.recipient_answers.clear()

    assert try_again(message_ids=[message.pk], now=LATER) == 1

    assert deliver_batch(now=LATER).sent == 1


def test_only_a_failed_message_can_be_tried_again(smtp: SmtpServer) -> None:
    message = make_message()
    deliver_batch(now=NOW)

    assert try_again(message_ids=[message.pk], now=LATER) == 0

    assert deliver_batch(now=LATER).sent == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_deliverer_repeats_at_most_its_batch_with_the_same_message_ids(smtp: SmtpServer) -> None:
    for number in range(4):
        make_message(recipient=f"reader{number}@example.org")
    smtp.delay_s = 0.3

    _kill_in_the_middle_of_a_batch(smtp)
    repeated = set(smtp.message_ids)
    smtp.delay_s = 0
    _deliver_when_the_rows_are_free()

    assert 1 <= len(repeated) < 4
    assert set(smtp.recipients) == {f"reader{number}@example.org" for number in range(4)}
    assert len(set(smtp.message_ids)) == 4
    assert len(smtp.message_ids) == 4 + len(repeated)


def _kill_in_the_middle_of_a_batch(smtp: SmtpServer) -> None:
    environment = {**os.environ, "DATABASE_URL": _test_database_url(), "EMAIL_HOST": "127.0.0.1"}
    environment |= {"EMAIL_PORT": str(smtp.port), "DEFAULT_FROM_EMAIL": "no-reply@keep4o.example"}
    process = subprocess.Popen([sys.executable, "-m", "tests.outbox.deliver_process"], env=environment)
    try:
        while not smtp.message_arrived.wait(timeout=0.05):
            assert process.poll() is None, "the deliverer ended before it had sent anything"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _deliver_when_the_rows_are_free() -> None:
    # PostgreSQL notices the death of its client when it next reads from it: soon, not at once.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '30s'")
        cursor.execute("SELECT id FROM outbox_outgoingmessage FOR UPDATE")
        cursor.execute("RESET lock_timeout")
    assert deliver_batch(now=NOW).sent == 4


def _test_database_url() -> str:
    database = connection.settings_dict
    user, password, host = (quote(str(database[name]), safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{user}{':' + password if password else ''}@{host}{port}/{database['NAME']}"
