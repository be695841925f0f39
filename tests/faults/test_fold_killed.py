"""
A worker that folds is killed with -9 in each phase of its work; whoever comes next finds all or nothing, and does the rest.

A phase is found without a hook in the product: the test holds a lock that the fold needs next, sees the fold wait for it
in pg_locks, and kills the process there. The process is a real one and runs the task as a worker does.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from outbox.models import OutgoingMessage
from petitions.actions.tally import fold_tally
from petitions.models import Petition
from petitions.queries.counts import published_count
from petitions.tasks import fold_owed_tallies
from tests.factories import NOW, make_membership, make_petition
from tests.petitions.counting import assert_count_is_true, load_signatures, milestones_by_threshold, state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DEADLINE_S = 90
WORKER = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SET application_name = 'fold to be killed'")
from petitions.tasks import fold_owed_tallies
fold_owed_tallies()
"""
WAITS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'fold to be killed' AND wait_event_type = 'Lock'"
GATE = 40_001  # an advisory lock of the test
# Fires inside of COMMIT, when everything is written and nothing is committed.
WAIT_AT_COMMIT = f"""
CREATE FUNCTION test_wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER test_gate AFTER UPDATE ON petitions_tally DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION test_wait_at_commit();
"""
NO_WAIT_AT_COMMIT = "DROP TRIGGER test_gate ON petitions_tally; DROP FUNCTION test_wait_at_commit()"
# The lock that the test holds, by the phase in which the fold then stands still.
PHASES = {
    "before its lock": "LOCK TABLE petitions_tallyentry IN ACCESS EXCLUSIVE MODE",
    "after its lock": "LOCK TABLE petitions_tallyentry IN SHARE MODE",
    "after the delete": "SELECT FROM petitions_tallybucket FOR UPDATE",
    "after the buckets": "SELECT FROM petitions_tally FOR UPDATE",
    "after the sums": "LOCK TABLE outbox_outgoingmessage IN SHARE MODE",
    "before the commit": f"SELECT pg_advisory_lock({GATE})",
}


@pytest.fixture
def petition() -> Petition:
    """20 signatures folded, 20 owed, and a milestone between them of which one organiser must hear."""
    petition = make_petition(team=make_membership().team, ladder=[30])
    load_signatures(petition, 40)
    fold_tally(petition_id=petition.pk, now=NOW, batch=20)
    return petition


@pytest.fixture
def _gate_at_commit() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(WAIT_AT_COMMIT)
        yield
        cursor.execute(NO_WAIT_AT_COMMIT)


def own_connection() -> psycopg.Connection:
    return psycopg.connect(**connection.get_connection_params())  # type: ignore[arg-type]


def environment() -> dict[str, str]:
    database = connection.get_connection_params()
    host, port = str(database.get("host", "")).replace("/", "%2F"), database.get("port", "")
    address = f"{database['user']}@{host}{f':{port}' if port else ''}/{database['dbname']}"
    return {**os.environ, "DATABASE_URL": f"postgresql://{address}", "DJANGO_SETTINGS_MODULE": "keep4o_site.settings"}


@contextmanager
def a_worker() -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment(), cwd=settings.BASE_DIR)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait(30)


def answers(question: str) -> list[tuple[object, ...]]:
    with own_connection() as other:
        return other.execute(question).fetchall()


def wait_until(is_true: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(30) == -signal.SIGKILL


def gone() -> bool:
    """PostgreSQL notices a dead client when it next writes to it; ending its lonely backend is what it then does itself."""
    answers("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fold to be killed'")
    return not answers("SELECT FROM pg_stat_activity WHERE application_name = 'fold to be killed'")


def assert_nothing_happened(petition: Petition) -> None:
    assert_count_is_true(petition)
    assert (published_count(petition_id=petition.pk), state_of(petition).owed) == (20, 20)
    assert milestones_by_threshold(petition) == {}
    assert not OutgoingMessage.objects.exists()


def assert_done_once(petition: Petition) -> None:
    assert_count_is_true(petition)
    assert (published_count(petition_id=petition.pk), state_of(petition).owed) == (40, 0)
    assert milestones_by_threshold(petition) == {30: NOW + timedelta(seconds=30)}
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.usefixtures("_gate_at_commit")
@pytest.mark.parametrize("phase", PHASES)
def test_a_worker_killed_in_any_phase_leaves_nothing_and_the_next_does_all(petition: Petition, phase: str) -> None:
    with own_connection() as holder, a_worker() as worker:
        holder.execute(PHASES[phase])
        wait_until(lambda: answers(WAITS))
        kill(worker)
        wait_until(gone)

    assert_nothing_happened(petition)
    fold_owed_tallies()
    assert_done_once(petition)


@pytest.mark.usefixtures("_gate_at_commit")
def test_a_worker_killed_after_its_commit_and_before_it_says_so_has_done_all(petition: Petition) -> None:
    with own_connection() as gate, own_connection() as table, a_worker() as worker:
        gate.execute(PHASES["before the commit"])
        wait_until(lambda: answers(WAITS))
        # The next question of the worker, whether anything is left, waits for this lock: after its commit.
        queue = Thread(target=lambda: table.execute(PHASES["before its lock"]))
        queue.start()
        wait_until(lambda: len(answers("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) >= 2)
        gate.rollback()
        gate.execute("SELECT pg_advisory_unlock_all()")
        queue.join(DEADLINE_S)
        wait_until(lambda: answers(WAITS))
        kill(worker)
        wait_until(gone)

    assert_done_once(petition)
    fold_owed_tallies()  # what the broker gives out again
    assert_done_once(petition)


@pytest.mark.parametrize("workers", [2, 4])
def test_worker_processes_at_once_pay_each_entry_once(workers: int) -> None:
    petition = make_petition(team=make_membership().team, ladder=[500, 30_000])
    load_signatures(petition, 45_000)

    running = [
        subprocess.Popen([sys.executable, "-c", WORKER], env=environment(), cwd=settings.BASE_DIR)
        for _ in range(workers)
    ]

    assert [worker.wait(DEADLINE_S) for worker in running] == [0] * workers
    fold_owed_tallies()  # for one that found the lock taken and left
    assert published_count(petition_id=petition.pk) == 45_000
    assert milestones_by_threshold(petition) == {n: NOW + timedelta(seconds=n) for n in (500, 30_000)}
    assert OutgoingMessage.objects.count() == 2
    assert_count_is_true(petition)
