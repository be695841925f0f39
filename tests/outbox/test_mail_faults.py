"""A mail server's bad day against a real one on loopback, the hours driven through `now`: nothing is lost or late for bulk."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connections
from pytest_django import Settings

from outbox.delivery import DeliveryReport, deliver_batch
from outbox.models import MessagePriority, MessageState, OutgoingMessage, Switch, SwitchName
from outbox.rules import MAX_ATTEMPTS
from outbox.switches import forget_switches
from tests.factories import NOW, make_message
from tests.outbox.smtp_server import SmtpServer, running_smtp_server

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(hours=7)
UNSUBSCRIBE = "https://keep4o.example/en/unsubscribe/x/"


def owe(priority: MessagePriority, count: int, *, now: datetime = NOW) -> list[str]:
    """Messages of one priority to as many people; returns their addresses."""
    word = priority.name.lower()
    people = [f"{word}{number}-{now:%H%M%S}@example.org" for number in range(count)]
    for person in people:
        link = UNSUBSCRIBE if priority == MessagePriority.BULK else ""
        make_message(recipient=person, priority=priority, unsubscribe_url=link, now=now)
    return people


def run_the_clock(*, start: datetime, span: timedelta, tick: timedelta, rng: Random) -> Counter[str]:
    """The clock's task at each tick, as the deliverer works it: batch after batch, until the server is lost or all is out."""
    done: Counter[str] = Counter()
    now = start
    while now < start + span:
        report = DeliveryReport(sent=1)
        while report.may_have_more:
            report = deliver_batch(now=now, rng=rng)
            done["sent"] += report.sent
            done["failed"] += report.failed
        now += tick
    return done


# --- Away for an hour -----------------------------------------------------------------------------------------------
def test_after_an_hour_without_a_server_each_mail_leaves_once_and_bulk_last(smtp_down: SmtpServer) -> None:
    rng = Random(4)
    owe(MessagePriority.BULK, 40)
    owe(MessagePriority.VERIFICATION, 20)
    owe(MessagePriority.NOTICE, 10)

    assert run_the_clock(start=NOW, span=HOUR, tick=timedelta(seconds=20), rng=rng)["sent"] == 0
    late = NOW + HOUR - timedelta(seconds=20)
    owe(MessagePriority.VERIFICATION, 5, now=late)  # somebody signs while it is still down
    deliver_batch(now=late, rng=rng)
    with running_smtp_server(smtp_down):
        run_the_clock(start=NOW + HOUR, span=timedelta(minutes=3), tick=timedelta(seconds=5), rng=rng)

    assert Counter(smtp_down.recipients).most_common(1)[0][1] == 1
    assert len(smtp_down.recipients) == 75
    assert not [person for person in smtp_down.recipients[-40:] if not person.startswith("bulk")]
    assert set(OutgoingMessage.objects.values_list("state", "attempts", "last_error")) == {(MessageState.SENT, 1, "")}


# --- Slow -----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_whoever_signs_while_news_go_out_waits_for_one_of_them_at_most(smtp: SmtpServer) -> None:
    owe(MessagePriority.BULK, 10)
    smtp.on_message = _somebody_signs

    run_the_clock(start=NOW, span=timedelta(seconds=1), tick=timedelta(seconds=1), rng=Random(1))

    assert [person.startswith("verification") for person in smtp.recipients[:2]] == [False, True]
    assert len(set(smtp.recipients)) == len(smtp.recipients) == 11


def test_a_slow_server_is_left_in_time_and_the_rest_stays_due(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outbox.delivery.BATCH_BUDGET_S", 0.5)
    smtp.delay_s = 0.3
    owe(MessagePriority.VERIFICATION, 5)

    began = time.monotonic()
    report = deliver_batch(now=NOW)

    assert time.monotonic() - began < 2
    assert (report.sent, report.delayed, report.server_lost) == (2, 0, False)
    assert OutgoingMessage.objects.due(now=NOW).count() == 3


# --- One of many ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("answer", "ending"), [("550 5.1.1 nobody", "failed"), ("451 4.7.1 greylisted", "delayed")])
def test_one_refused_recipient_of_many_stops_nobody_else(smtp: SmtpServer, answer: str, ending: str) -> None:
    people = owe(MessagePriority.VERIFICATION, 10)
    smtp.recipient_answers[people[4]] = answer

    report = deliver_batch(now=NOW, rng=Random(1))

    assert (report.sent, getattr(report, ending)) == (9, 1)
    assert smtp.recipients == [person for person in people if person != people[4]]
    smtp.recipient_answers.clear()
    assert deliver_batch(now=LATER).sent == (1 if ending == "delayed" else 0)


# --- Death around DATA ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "copies"), [("dies_in_data_of", 4), ("dies_after_data_of", 5), ("dies_after_answer_of", 4)]
)
def test_a_server_that_dies_around_data_loses_nothing(smtp: SmtpServer, moment: str, copies: int) -> None:
    setattr(smtp, moment, 2)
    people = owe(MessagePriority.NOTICE, 4)

    assert deliver_batch(now=NOW).server_lost
    while deliver_batch(now=LATER).may_have_more:
        pass

    assert set(smtp.recipients) == set(people)
    assert (len(smtp.message_ids), len(set(smtp.message_ids))) == (copies, 4)
    assert not OutgoingMessage.objects.exclude(state=MessageState.SENT).exists()


# --- TLS and sign-in ------------------------------------------------------------------------------------------------
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    smtp: SmtpServer, settings: Settings, tmp_path: Path
) -> None:
    smtp.tls_certificate = _self_signed(tmp_path)
    settings.EMAIL_USE_TLS = True
    message = make_message()

    _until_it_works_again(smtp, message, "SSLCertVerificationError")

    smtp.tls_certificate = ""
    settings.EMAIL_USE_TLS = False
    assert deliver_batch(now=LATER).sent == 1


def test_a_server_without_the_tls_that_we_insist_on_gets_no_mail(smtp: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_USE_TLS = True
    message = make_message()

    _until_it_works_again(smtp, message, "SMTPNotSupportedError")

    settings.EMAIL_USE_TLS = False
    assert deliver_batch(now=LATER).sent == 1


@pytest.mark.parametrize("answer", ["535 5.7.8 wrong password", "454 4.7.0 try later"])
def test_a_refused_sign_in_loses_nothing(smtp: SmtpServer, settings: Settings, answer: str) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "keep4o", "a-password"
    smtp.auth_answer = answer
    message = make_message()

    _until_it_works_again(smtp, message, "SMTPAuthenticationError")

    smtp.auth_answer = "235 welcome"
    assert deliver_batch(now=LATER).sent == 1


# --- The switch -----------------------------------------------------------------------------------------------------
def test_the_switch_stops_bulk_mail_and_nothing_else(smtp: SmtpServer) -> None:
    owe(MessagePriority.BULK, 3)
    people = owe(MessagePriority.VERIFICATION, 2) + owe(MessagePriority.NOTICE, 1)
    _switch_bulk(stopped=True)

    deliver_batch(now=NOW)

    assert smtp.recipients == people
    assert OutgoingMessage.objects.due(now=NOW).count() == 3
    _switch_bulk(stopped=False)
    assert deliver_batch(now=NOW).sent == 3


@pytest.mark.django_db(transaction=True)
def test_the_switch_stops_bulk_mail_in_the_middle_of_a_batch(smtp: SmtpServer) -> None:
    owe(MessagePriority.BULK, 6)
    smtp.on_message = _staff_stop_bulk

    deliver_batch(now=NOW)

    assert len(smtp.recipients) == 1


def _switch_bulk(*, stopped: bool) -> None:
    values = {"is_on": stopped, "changed_at": NOW}
    Switch.objects.update_or_create(name=SwitchName.STOP_BULK_MAIL, defaults=values)
    forget_switches()


def _staff_stop_bulk() -> None:
    _switch_bulk(stopped=True)
    connections.close_all()


def _somebody_signs() -> None:
    owe(MessagePriority.VERIFICATION, 1)
    connections.close_all()


def _until_it_works_again(smtp: SmtpServer, message: OutgoingMessage, error: str) -> None:
    """However often it fails, no attempt is counted, the reason stands on the message, and nothing has left."""
    for _ in range(MAX_ATTEMPTS + 1):
        message.refresh_from_db()
        assert deliver_batch(now=message.due_at).server_lost
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.DUE, 0, error)
    assert smtp.accepted == []


def _self_signed(folder: Path) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return str(path)
