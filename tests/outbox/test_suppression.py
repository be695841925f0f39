"""An address on the suppression list gets nothing, is never tried, and is known by its digest alone."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from outbox.delivery import DeliveryReport, deliver_batch, purge_payloads
from outbox.digests import address_digest, domain_digest
from outbox.models import MessagePriority, MessageState, OutgoingMessage, Suppression, SuppressionReason
from outbox.queue import try_again
from outbox.suppression import lift_suppression, suppress_address, suppressed_among
from tests.factories import ALICE, NOW, make_message
from tests.outbox.smtp_server import SmtpServer
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db


def suppress(address: str = ALICE, reason: SuppressionReason = SuppressionReason.BOUNCED) -> None:
    suppress_address(address=address, reason=reason, now=NOW)


@pytest.mark.parametrize("reason", list(SuppressionReason))
@pytest.mark.parametrize("priority", list(MessagePriority))
def test_nothing_leaves_to_a_suppressed_address(
    smtp: SmtpServer, reason: SuppressionReason, priority: MessagePriority
) -> None:
    suppress(reason=reason)
    message = make_message(priority=priority, unsubscribe_url="https://keep4o.example/u/")
    make_message(recipient="other@example.org")

    report = deliver_batch(now=NOW)

    message.refresh_from_db()
    assert (report.sent, report.suppressed, smtp.recipients) == (1, 1, ["other@example.org"])
    assert (message.state, message.attempts, message.sent_at) == (MessageState.SUPPRESSED, 0, None)


def test_a_suppressed_message_forgets_its_reader_and_is_not_tried_again(smtp: SmtpServer) -> None:
    suppress()
    message = make_message()
    deliver_batch(now=NOW)

    assert deliver_batch(now=NOW + timedelta(days=1)) == DeliveryReport()
    assert try_again(message_ids=[message.pk], now=NOW) == 0

    message.refresh_from_db()
    assert message.payload_sealed is None


@pytest.mark.parametrize("typed", ["ALICE@EXAMPLE.ORG", " alice@example.org ", "Alice@Example.Org"])
def test_the_list_reads_over_upper_case_and_spaces(typed: str) -> None:
    suppress(typed)

    assert suppressed_among(digests=[address_digest(address=ALICE)])


def test_suppressing_twice_keeps_the_first_reason() -> None:
    suppress(reason=SuppressionReason.COMPLAINED)
    suppress(reason=SuppressionReason.BOUNCED)

    assert Suppression.objects.get().reason == SuppressionReason.COMPLAINED


@pytest.mark.django_db(transaction=True)
def test_suppressing_at_once_makes_one_row() -> None:
    results_of(run_in_parallel(suppress, times=10))

    assert Suppression.objects.count() == 1


def test_what_is_lifted_gets_mail_again(smtp: SmtpServer) -> None:
    suppress()

    assert lift_suppression(address=ALICE.upper()) is not None
    assert lift_suppression(address=ALICE) is None

    make_message()
    assert deliver_batch(now=NOW).sent == 1


def test_a_batch_asks_the_list_once(smtp: SmtpServer, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    suppress()
    for _ in range(10):
        make_message()

    # The claim, the list, one update each, and a savepoint.
    with django_assert_max_num_queries(14):
        assert deliver_batch(now=NOW).suppressed == 10


def test_the_row_names_nobody() -> None:
    suppress()

    [row] = Suppression.objects.values()
    assert ALICE not in str(row)
    assert bytes(row["address_digest"]) == address_digest(address=ALICE)


# --- The domain of a message ----------------------------------------------------------------------------------------
def test_a_message_keeps_the_digest_of_its_domain_as_long_as_its_payload(smtp: SmtpServer) -> None:
    message = make_message(recipient="alice@Mail.Example")
    assert bytes(OutgoingMessage.objects.get().domain_digest or b"") == domain_digest(address="x@mail.example")

    deliver_batch(now=NOW)
    purge_payloads(now=NOW + timedelta(days=8))

    message.refresh_from_db()
    assert (message.domain_digest, message.payload_sealed) == (None, None)


def test_a_suppressed_message_loses_its_domain_after_the_same_days(smtp: SmtpServer) -> None:
    suppress()
    message = make_message()
    deliver_batch(now=NOW)

    assert purge_payloads(now=NOW + timedelta(days=6)) == 0
    assert purge_payloads(now=NOW + timedelta(days=8)) == 1

    message.refresh_from_db()
    assert message.domain_digest is None
