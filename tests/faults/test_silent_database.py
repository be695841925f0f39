"""PostgreSQL hangs and closes nothing: everybody is answered, pages are read on, and nothing is lost or doubled."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from keep4o_site.stack.application import Application, wait_for_web
from keep4o_site.stack.children import start
from keep4o_site.stack.ports import HOST, any_free_port
from keep4o_site.stack.supervision import Family
from tests.faults.own_postgres import SiteWithPostgres, silenced
from tests.faults.test_engines_lost_under_load import (
    MAY_WAIT_S,
    RECOVERY_S,
    Watch,
    ask_for_a_page_that_nobody_has_read,
    await_more,
    crowd,
    seconds_until_taken,
    watch,
)
from tests.faults.visitors import BEHIND_PROXY, PETITION, SLUG, Answer, Crowd, Visitor, eventually
from tests.web_forms import WebForm

pytestmark = pytest.mark.slow  # the whole product with a database server of its own
__all__ = ["crowd", "watch"]
COUNT = f"/api/v1/petitions/{SLUG}/count"
SILENT_S = 6
# Not the worker, which may come by.
WHO_WAITS = """
SELECT count(*) FROM pg_locks AS lock JOIN pg_stat_activity AS activity USING (pid)
WHERE NOT lock.granted AND starts_with(activity.query, 'SELECT "django_session"')
    AND pg_stat_clear_snapshot()::text = ''
"""
A_CROWD = 32  # four for each thread of the web server


def test_nobody_waits_for_a_silent_database_and_nothing_is_lost(
    running: SiteWithPostgres, crowd: Crowd, watch: Watch
) -> None:
    readers = [Visitor(site_url=running.site.url) for _ in range(3)]
    kept_pages = [PETITION, COUNT, "/healthz"]
    assert [readers[0].ask("GET", path).status for path in kept_pages] == [200] * 3

    with crowd.at_work(signers=3, readers=1):
        await_more(crowd, 5)
        began, read = time.monotonic(), list[Answer]()
        with silenced(running.child), ThreadPoolExecutor(len(readers)) as threads:
            while time.monotonic() < began + SILENT_S:
                read += threads.map(lambda reader, path: reader.ask("GET", path), readers, kept_pages)
                time.sleep(0.1)
        assert seconds_until_taken(crowd) < RECOVERY_S

    assert {answer.status for answer in read} == {200}
    assert crowd.count_of(503) > 0
    assert crowd.statuses() <= {200, 303, 503}
    assert all(answer.headers["Retry-After"] for answer in crowd.answers if answer.status == 503)
    assert max(answer.took_s for answer in (*crowd.answers, *read)) < MAY_WAIT_S
    watch.expect_nothing_lost(crowd)


def test_a_crowd_that_comes_to_a_silent_database_is_told_soon(running: SiteWithPostgres, form: WebForm) -> None:
    visitors = [Visitor(site_url=running.site.url) for _ in range(A_CROWD)]
    with silenced(running.child), ThreadPoolExecutor(len(visitors)) as threads:
        answers = list(threads.map(ask_for_a_page_that_nobody_has_read, visitors))
        signed = visitors[0].post(form.path, {"name": "Ada", "email": "ada@example.org"})
        is_ready = visitors[0].ask("GET", "/readyz")

    assert {answer.status for answer in answers} == {503}
    assert max(answer.took_s for answer in answers) < MAY_WAIT_S
    assert (signed.status, is_ready.status) == (503, 503)
    assert signed.took_s + is_ready.took_s < 1
    assert 'value="ada@example.org"' in signed.page
    eventually(lambda: ask_for_a_page_that_nobody_has_read(visitors[0]).status == 200, within_s=RECOVERY_S)


def test_a_web_server_that_starts_meanwhile_answers_and_finds_the_database_by_itself(running: SiteWithPostgres) -> None:
    with Family() as family:
        with silenced(running.child):
            visitor = Visitor(site_url=another_web_server(running, family))
            answers = [ask_for_a_page_that_nobody_has_read(visitor) for _ in range(4)]
        eventually(lambda: ask_for_a_page_that_nobody_has_read(visitor).status == 200, within_s=RECOVERY_S)
        family.kill()

    assert {answer.status for answer in answers} == {503}
    assert max(answer.took_s for answer in answers) < MAY_WAIT_S


def test_a_lock_that_somebody_holds_keeps_visitors_for_two_seconds_and_staff_for_longer(
    running: SiteWithPostgres,
) -> None:
    visitor, organiser = Visitor(site_url=running.site.url), Visitor(site_url=running.site.url)
    known = {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"}  # so that the session is looked up
    with ThreadPoolExecutor(2) as threads, psycopg.connect(running.postgres.url) as somebody:
        somebody.execute("LOCK TABLE django_session")
        works = threads.submit(organiser.ask, "GET", "/en/organise/", b"", known)
        reads = threads.submit(visitor.ask, "GET", "/en/accounts/email/", b"", known)
        told = reads.result()
        eventually(lambda: waiting(somebody) == 1)
        time.sleep(1)
        somebody.rollback()
        let_in = works.result()

    assert (told.status, let_in.status) == (503, 302)
    assert told.took_s < MAY_WAIT_S
    assert let_in.took_s > told.took_s + 1


def waiting(somebody: psycopg.Connection[Any]) -> int:
    (number,) = somebody.execute(WHO_WAITS).fetchone() or (0,)
    return int(number)


def another_web_server(running: SiteWithPostgres, family: Family) -> str:
    site, port = running.site, any_free_port()
    env = {**site.env, **BEHIND_PROXY, "DATABASE_POOL_SIZE": "4"}
    program = Application(places=site._application.places, env=env).web(port)
    web = family.adopt(start(replace(program, log=program.log.with_name("web-2.log"))))
    wait_for_web(web, port)
    return f"http://{HOST}:{port}"
