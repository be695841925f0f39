"""Public pages are read from a replica that is near, and from the primary as soon as it lags, fails or is gone."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keep4o_site.stack.places import Places
from keep4o_site.stack.postgres import Postgres
from keep4o_site.stack.supervision import Family
from tests.faults.own_postgres import _copy_demo_into, own_postgres, silenced
from tests.faults.own_replica import Replica, replica_of
from tests.faults.visitors import BEHIND_PROXY, PETITION, Answer, Visitor, eventually, signing_form
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow  # two database servers and the whole product
MAX_LAG_S = 1
MAY_WAIT_S = 3


@dataclass(kw_only=True)
class SiteWithReplica:
    site: LiveSite
    primary: Postgres
    replica: Replica

    def read(self) -> Answer:
        return Visitor(site_url=self.site.url).ask("GET", PETITION)

    def is_read_there(self) -> bool:
        """This function will read a page and tell whether the replica was asked for it."""
        before = self.replica.reads()
        self.read()
        time.sleep(0.2)
        return self.replica.reads() > before

    def retitle(self, title: str) -> None:
        self.primary.ask(f"UPDATE petitions_petitiontext SET title = '{title}' WHERE language = 'en'")


@pytest.fixture(scope="module")
def running() -> Iterator[SiteWithReplica]:
    places = Places(var=Path(tempfile.mkdtemp(prefix="keep4o-replica-")))
    places.make()
    primary = own_postgres(places)
    try:
        with Family() as family:
            family.adopt(primary.start())
            _copy_demo_into(primary.url)
            replica = replica_of(primary, places=places, family=family)
            web_env = {
                **BEHIND_PROXY,
                "DATABASE_POOL_SIZE": "4",
                "DATABASE_REPLICA_URL": replica.postgres.url,
                "DATABASE_REPLICA_MAX_LAG_S": str(MAX_LAG_S),
                "PAGE_CACHE_MB": "0",  # so that each reader is told what the database says
            }
            site = LiveSite(places=places, database_url=primary.url, family=family, web_env=web_env)
            try:
                yield SiteWithReplica(site=site, primary=primary, replica=replica)
            finally:
                family.kill()
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def test_public_pages_are_read_there_and_forms_are_taken_here(running: SiteWithReplica) -> None:
    eventually(running.is_read_there)

    visitor = Visitor(site_url=running.site.url)
    signed = visitor.sign(signing_form(running.site))

    assert signed.location.endswith("/check-your-email/")
    assert "fault" not in running.site.web_log()


def test_a_replica_that_lags_is_left_within_its_bound_and_found_again(running: SiteWithReplica) -> None:
    eventually(running.is_read_there)

    running.replica.postgres.ask("SELECT pg_wal_replay_pause()")
    try:
        running.retitle("What the replica does not know")
        time.sleep(MAX_LAG_S + 0.05)
        pages = [running.read() for _ in range(12)]  # by every thread of every process
        assert not running.is_read_there()
    finally:
        running.replica.postgres.ask("SELECT pg_wal_replay_resume()")

    assert all("What the replica does not know" in answer.page for answer in pages)
    eventually(running.is_read_there)
    assert "What the replica does not know" in running.read().page


def test_nobody_notices_that_the_replica_is_gone(running: SiteWithReplica) -> None:
    eventually(running.is_read_there)

    with readers(running, 3) as answers:
        time.sleep(0.5)
        running.replica.kill()
        asked = len(answers)
        eventually(lambda: len(answers) > asked + 30)
        running.replica.start()
        eventually(running.is_read_there)

    assert {answer.status for answer in answers} == {200}
    assert max(answer.took_s for answer in answers) < MAY_WAIT_S


def test_nobody_notices_that_the_replica_says_nothing(running: SiteWithReplica) -> None:
    eventually(running.is_read_there)

    with readers(running, 3) as answers:
        time.sleep(0.5)
        with silenced(running.replica.child):
            asked = len(answers)
            eventually(lambda: len(answers) > asked + 30)
        eventually(running.is_read_there)

    assert {answer.status for answer in answers} == {200}
    assert max(answer.took_s for answer in answers) < MAY_WAIT_S


@contextmanager
def readers(running: SiteWithReplica, count: int) -> Iterator[list[Answer]]:
    """This function will keep some people reading until the block ends, and collect what they were answered."""
    is_over, answers = threading.Event(), list[Answer]()

    def read() -> None:
        while not is_over.is_set():
            answers.append(running.read())
            is_over.wait(0.02)

    threads = [threading.Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
