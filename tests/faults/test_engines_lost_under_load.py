"""PostgreSQL, Valkey and the worker are stopped and killed while people sign and prove: nobody loses anything."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest

from outbox.sealing import unseal
from petitions.queries.sealed import EMAIL_PURPOSE
from tests.faults.own_postgres import FAST, IMMEDIATE, SiteWithPostgres
from tests.faults.sums import THE_FOUR_SUMS
from tests.faults.visitors import PETITION, Answer, Crowd, Visitor, eventually, mailed_links
from tests.web_forms import WebForm

pytestmark = pytest.mark.slow  # the whole product with a database server of its own
PREPARED = 10  # links that are proved meanwhile
RECOVERY_S = 10  # two seconds on a machine that does nothing else
MAY_WAIT_S = 5  # the pool's patience of 1.5 s once, and room for a busy machine
PROVED_HERE = """
SELECT email_sealed, held_at IS NOT NULL FROM petitions_signature
WHERE channel = 'web' AND email_sealed IS NOT NULL AND id > %s
"""
ATTEMPTED_HERE = "SELECT email_sealed FROM petitions_pendingsignature WHERE channel = 'web' AND id > %s"


class Watch:
    """What the database said when a test began, and what must be true of it at its end."""

    def __init__(self, running: SiteWithPostgres) -> None:
        self.url = running.postgres.url
        self.site = running.site
        self.last_signature = self._number("SELECT max(id) FROM petitions_signature")
        self.last_attempt = self._number("SELECT coalesce(max(id), 0) FROM petitions_pendingsignature")
        eventually(lambda: self._sums()[1] == 0)
        self.total = self._sums()[0]

    def expect_nothing_lost(self, crowd: Crowd) -> None:
        """This function will wait until the clock has caught up, and compare."""
        eventually(lambda: set(mailed_links(self.site)) >= set(crowd.signed))
        eventually(lambda: self._sums()[1] == 0)
        with psycopg.connect(self.url) as database:
            proved = database.execute(PROVED_HERE, [self.last_signature]).fetchall()
            attempted = database.execute(ATTEMPTED_HERE, [self.last_attempt]).fetchall()
        assert sorted(_address(row[0]) for row in proved) == sorted(crowd.proved)
        assert set(crowd.signed) <= {_address(row[0]) for row in (*proved, *attempted)}
        total, _owed, counted, in_buckets = self._sums()
        assert total == counted == in_buckets == self.total + sum(not is_held for _email, is_held in proved)

    def _sums(self) -> tuple[int, ...]:
        with psycopg.connect(self.url) as database:
            row = database.execute(THE_FOUR_SUMS).fetchone()
        assert row is not None
        return tuple(map(int, row))

    def _number(self, query: LiteralString) -> int:
        with psycopg.connect(self.url) as database:
            row = database.execute(query).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def watch(running: SiteWithPostgres) -> Watch:
    return Watch(running)


@pytest.fixture
def crowd(running: SiteWithPostgres, form: WebForm, watch: Watch) -> Crowd:
    """Some have signed already and hold their links."""
    crowd = Crowd(running.site, form)
    for _ in range(PREPARED):
        crowd.one_signs()
    eventually(lambda: set(mailed_links(running.site)) >= set(crowd.signed))
    return crowd


def test_postgresql_restarted_under_load_loses_no_acknowledged_act(
    running: SiteWithPostgres, crowd: Crowd, watch: Watch
) -> None:
    with crowd.at_work(signers=3, readers=1):
        await_more(crowd, 5)
        running.stop(FAST)
        running.start()
        assert seconds_until_taken(crowd) < RECOVERY_S
        running.stop(IMMEDIATE)
        eventually(lambda: crowd.count_of(503) >= 4)
        running.start()
        assert seconds_until_taken(crowd) < RECOVERY_S

    assert crowd.statuses() <= {200, 303, 503}
    assert all(answer.headers["Retry-After"] for answer in crowd.answers if answer.status == 503)
    assert max(answer.took_s for answer in crowd.answers) < MAY_WAIT_S
    watch.expect_nothing_lost(crowd)


def test_while_the_database_is_away_nobody_waits_for_those_before_them(
    running: SiteWithPostgres, form: WebForm
) -> None:
    running.stop(IMMEDIATE)
    try:
        visitors = [Visitor(site_url=running.site.url) for _ in range(32)]  # four for each thread of the web server
        with ThreadPoolExecutor(len(visitors)) as threads:
            answers = list(threads.map(ask_for_a_page_that_nobody_has_read, visitors))
        later = visitors[0].post(form.path, {"name": "Ada", "email": "ada@example.org"})
    finally:
        running.start()

    assert {answer.status for answer in answers} == {503}
    assert max(answer.took_s for answer in answers) < MAY_WAIT_S
    assert later.status == 503
    assert 'value="ada@example.org"' in later.page
    eventually(lambda: ask_for_a_page_that_nobody_has_read(visitors[0]).status == 200, within_s=RECOVERY_S)


def test_valkey_restarted_under_load_is_noticed_by_nobody(
    running: SiteWithPostgres, crowd: Crowd, watch: Watch
) -> None:
    with crowd.at_work(signers=3, readers=1):
        for _ in range(3):  # a worker that is at work just then once died of it
            await_more(crowd, 3)
            running.site.stop_valkey()
            await_more(crowd, 3)
            running.site.start_valkey()

    assert crowd.statuses() <= {200, 303}
    watch.expect_nothing_lost(crowd)
    assert "Unrecoverable" not in running.site.worker_log()


def test_workers_killed_under_load_lose_no_mail_and_count_nothing_twice(
    running: SiteWithPostgres, crowd: Crowd, watch: Watch
) -> None:
    with crowd.at_work(signers=3, readers=0):
        for _ in range(2):
            await_more(crowd, 5)
            running.site.kill_worker()
            running.site.start_worker()

    assert crowd.statuses() <= {200, 303}
    watch.expect_nothing_lost(crowd)


def ask_for_a_page_that_nobody_has_read(visitor: Visitor) -> Answer:
    return visitor.ask("GET", f"{PETITION}?visitor={visitor.number}")  # else the site's own cache has it


def await_more(crowd: Crowd, count: int) -> None:
    taken = crowd.taken
    eventually(lambda: crowd.taken >= taken + count)


def seconds_until_taken(crowd: Crowd) -> float:
    started, taken = time.monotonic(), crowd.taken
    eventually(lambda: crowd.taken > taken)
    return time.monotonic() - started


def _address(sealed: bytes) -> str:
    return unseal(sealed=sealed, purpose=EMAIL_PURPOSE)
