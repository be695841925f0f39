"""A fold that dies at any instruction loses nothing, doubles nothing, and is done again by whoever comes next."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from outbox.models import OutgoingMessage
from petitions.actions.tally import fold_tally, recount
from petitions.models import MilestoneNotice, Petition, TallyBucket, TallyEntry
from petitions.queries.counts import published_count
from tests.factories import NOW, make_membership, make_petition
from tests.parallel import run_in_parallel
from tests.petitions.counting import assert_count_is_true, load_signatures, milestones_by_threshold, state_of

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)
DEADLINE_S = 60
# What one fold asks of the database: the lock, the fold, and what a milestone owes to one organiser and to supporters.
STATEMENTS_OF_A_FOLD = 7
# A fold in a process of its own that kills itself after its second statement, when all is written and nothing committed.
FOLD_THAT_DIES = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from django.utils import timezone
from petitions.actions.tally import fold_tally
done = 0
def die_after_the_fold(execute, sql, params, many, context):
    global done
    result = execute(sql, params, many, context)
    done += 1
    if done == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
with connection.execute_wrapper(die_after_the_fold):
    fold_tally(petition_id=int(sys.argv[1]), now=timezone.now())
"""


@pytest.fixture
def petition() -> Petition:
    """20 signatures folded, 20 owed, and a milestone between them of which one organiser must hear."""
    petition = make_petition(team=make_membership().team, ladder=[30])
    load_signatures(petition, 40)
    fold_tally(petition_id=petition.pk, now=NOW, batch=20)
    return petition


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
    assert MilestoneNotice.objects.count() == 1


def terminate_backend(pid: int) -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:  # type: ignore[arg-type]
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def backend_pid() -> int:
    return int(connection.connection.info.backend_pid)


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("last_statement", range(1, STATEMENTS_OF_A_FOLD + 1))
@pytest.mark.parametrize("action", [fold_tally, recount])
def test_a_connection_that_breaks_after_any_statement_leaves_all_or_nothing(
    petition: Petition, action: Callable[..., int], last_statement: int
) -> None:
    asked = 0

    def break_after(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal asked
        result = execute(sql, params, many, context)
        asked += 1
        if asked == last_statement:
            terminate_backend(backend_pid())
        return result

    def break_down() -> None:
        with connection.execute_wrapper(break_after):
            action(petition_id=petition.pk, now=LATER)

    (outcome,) = run_in_parallel(break_down, times=1)

    assert isinstance(outcome, OperationalError)
    assert_nothing_happened(petition)
    action(petition_id=petition.pk, now=LATER)
    assert_done_once(petition)


def test_a_fold_whose_connection_breaks_inside_its_statement_leaves_nothing(petition: Petition) -> None:
    pids: list[int] = []

    def fold() -> None:
        pids.append(backend_pid())
        fold_tally(petition_id=petition.pk, now=LATER)

    with transaction.atomic():
        # The fold deletes its entries and then waits for this row, in the middle of its one statement.
        list(TallyBucket.objects.filter(petition=petition).select_for_update())
        outcomes: list[object] = []
        thread = Thread(target=lambda: outcomes.extend(run_in_parallel(fold, times=1)))
        thread.start()
        wait_until(lambda: bool(pids) and is_waiting(pids[0]))
        terminate_backend(pids[0])
        thread.join(DEADLINE_S)

    assert [type(outcome) for outcome in outcomes] == [OperationalError]
    assert_nothing_happened(petition)
    fold_tally(petition_id=petition.pk, now=LATER)
    assert_done_once(petition)


def is_waiting(pid: int) -> bool:
    with connection.cursor() as cursor:
        # Not pg_stat_activity: that is read once in a transaction.
        cursor.execute("SELECT FROM pg_locks WHERE pid = %s AND NOT granted", [pid])
        return cursor.fetchone() is not None


@pytest.mark.slow
def test_a_fold_whose_process_is_killed_leaves_nothing(petition: Petition) -> None:
    fold = subprocess.Popen(
        [sys.executable, "-c", FOLD_THAT_DIES, str(petition.pk)], env=own_environment(), cwd=settings.BASE_DIR
    )

    assert fold.wait(DEADLINE_S) == -signal.SIGKILL
    # Its lock goes with its connection; the database needs a moment to notice.
    wait_until(lambda: bool(fold_tally(petition_id=petition.pk, now=LATER)) or not TallyEntry.objects.exists())
    assert_done_once(petition)


def own_environment() -> dict[str, str]:
    database = connection.get_connection_params()
    host, port = str(database.get("host", "")).replace("/", "%2F"), database.get("port", "")
    address = f"{database['user']}@{host}{f':{port}' if port else ''}/{database['dbname']}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{address}",
        "DJANGO_SETTINGS_MODULE": "keep4o_site.settings",
    }
