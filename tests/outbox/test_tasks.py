"""The task by which the clock delivers. It reads the real clock, which is later than NOW."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from outbox.delivery import BATCH_SIZE
from outbox.models import OutgoingMessage
from outbox.session_locks import sole_holder
from outbox.tasks import DELIVERER_LOCK, deliver_due_messages, rest_s
from tests.factories import make_message
from tests.outbox.smtp_server import SmtpServer
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("batches", "connections"), [(4, 1), (1, 2)])
def test_the_clock_sends_all_that_is_due_some_batches_over_one_connection(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, batches: int, connections: int
) -> None:
    monkeypatch.setattr("outbox.tasks.BATCHES_PER_CONNECTION", batches)
    for number in range(30):
        make_message(recipient=f"reader{number}@example.org")

    deliver_due_messages()

    assert len(smtp.accepted) == 30
    assert smtp.connections == connections


@pytest.mark.parametrize(("waited", "is_fresh"), [(timedelta(), True), (timedelta(hours=1), False)])
def test_a_run_rests_after_its_batches_unless_there_is_a_backlog(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, waited: timedelta, is_fresh: bool
) -> None:
    rested: list[float] = []
    watched = SimpleNamespace(monotonic=time.monotonic, process_time=time.process_time, sleep=rested.append)
    monkeypatch.setattr("outbox.tasks.time", watched)
    monkeypatch.setattr("outbox.tasks.FRESH_S", 60.0)
    for number in range(3 * BATCH_SIZE):
        make_message(recipient=f"reader{number}@example.org", now=timezone.now() - waited)

    deliver_due_messages()

    assert len(smtp.accepted) == 3 * BATCH_SIZE
    assert [rest > 0 for rest in rested] == [is_fresh] * 3


@pytest.mark.parametrize(
    ("overdue_s", "rest"),
    [(-60.0, 0.3), (0.0, 0.3), (1.0, 0.15), (2.0, 0.0), (3_600.0, 0.0)],
    ids=["by another machine's clock", "fresh", "late", "a backlog", "an outage"],
)
def test_a_deliverer_rests_the_less_the_longer_mails_have_waited(overdue_s: float, rest: float) -> None:
    assert rest_s(used_s=0.1, overdue_s=overdue_s) == pytest.approx(rest)


def test_an_unreachable_server_ends_the_run_at_once(smtp_down: SmtpServer) -> None:
    for _ in range(30):
        make_message()

    deliver_due_messages()

    assert OutgoingMessage.objects.filter(attempts=0, sent_at=None).count() == 30


def test_a_second_run_leaves_the_worker_free_while_the_first_sends(smtp: SmtpServer) -> None:
    make_message()

    with sole_holder(DELIVERER_LOCK):
        results_of(run_in_parallel(deliver_due_messages, times=1))

    assert smtp.accepted == []
    deliver_due_messages()
    assert len(smtp.accepted) == 1


def test_a_second_run_joins_the_first_on_a_site_of_two_deliverers(smtp: SmtpServer, settings: Settings) -> None:
    settings.MAIL_DELIVERERS = 2
    make_message()

    with sole_holder(DELIVERER_LOCK):
        results_of(run_in_parallel(deliver_due_messages, times=1))

    assert len(smtp.accepted) == 1


@pytest.mark.parametrize("deliverers", [1, 3])
def test_runs_that_overlap_send_each_message_once(smtp: SmtpServer, settings: Settings, deliverers: int) -> None:
    settings.MAIL_DELIVERERS = deliverers
    smtp.delay_s = 0.01
    for number in range(60):
        make_message(recipient=f"reader{number}@example.org")

    results_of(run_in_parallel(deliver_due_messages, times=5))

    assert len(set(smtp.recipients)) == len(smtp.recipients) == 60


def test_nothing_due_costs_five_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(5):
        deliver_due_messages()
