"""The pages that everybody reloads, by two web processes: one rendering for a rush, and readable whatever is away."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from keep4o_site.page_cache.shared import LEFT_ALONE_S
from tests.faults.own_postgres import IMMEDIATE, SiteWithPostgres
from tests.faults.visitors import PETITION, SLUG, Answer, Visitor, eventually
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow  # the whole product
VISITORS = 24
LIFETIME_S = 2.0  # of the petition's page
COUNT = f"/api/v1/petitions/{SLUG}/count"


def rush(site: LiveSite, path: str) -> list[Answer]:
    with ThreadPoolExecutor(VISITORS) as threads:
        return list(threads.map(lambda _number: Visitor(site_url=site.url).ask("GET", path), range(VISITORS)))


def await_shared_pages(site: LiveSite) -> None:
    """This function will wait until both processes find Valkey: on a busy machine one may have given it up a moment."""
    lost = -1
    while lost != (lost := site.web_log().count('"shared_pages_unreachable"')):
        time.sleep(LEFT_ALONE_S)
        rush(site, f"{PETITION}?warm={time.monotonic_ns()}")


def lifetimes_since(began: float) -> int:
    """How many pages one after the other a rush may have cost: one, on a machine that is quick enough."""
    return 1 + int((time.monotonic() - began) / LIFETIME_S)


def renderings(site: LiveSite) -> int:
    return site.web_log().count('"route": "petitions:petition-detail"')


def test_a_rush_costs_one_rendering_in_the_lifetime_of_a_page(running: SiteWithPostgres) -> None:
    site, path = running.site, f"{PETITION}?cold={time.monotonic_ns()}"
    await_shared_pages(site)
    before = renderings(site)

    began = time.monotonic()
    cold = rush(site, path)
    assert 1 <= renderings(site) - before <= lifetimes_since(began)
    time.sleep(LIFETIME_S)
    old = rush(site, path)

    assert 2 <= renderings(site) - before <= lifetimes_since(began)
    assert {answer.status for answer in (*cold, *old)} == {200}


def test_without_valkey_a_rush_costs_each_process_one_rendering(running: SiteWithPostgres) -> None:
    site, path = running.site, f"{PETITION}?alone={time.monotonic_ns()}"
    running.site.stop_valkey()
    try:
        Visitor(site_url=site.url).ask("GET", "/en/")  # finds out that Valkey is away
        before = renderings(site)
        began = time.monotonic()
        answers = rush(site, path)
        rendered, most = renderings(site) - before, 2 * lifetimes_since(began)
    finally:
        running.site.start_valkey()
        await_shared_pages(site)

    assert {answer.status for answer in answers} == {200}
    assert 1 <= rendered <= most
    assert max(answer.took_s for answer in answers) < 5


def test_pages_are_readable_while_the_database_is_away_and_what_may_be_taken_back_is_not(
    running: SiteWithPostgres,
) -> None:
    reader, stories = Visitor(site_url=running.site.url), "/en/campaigns/keep4o/stories/"
    read = [PETITION, "/en/", "/fr/petitions/", COUNT]
    assert [reader.ask("GET", path).status for path in (*read, stories)] == [200] * 5

    running.stop(IMMEDIATE)
    try:
        time.sleep(LIFETIME_S)
        answers = [reader.ask("GET", path) for path in read for _ in range(2)]
        gone = [reader.ask("GET", path).status for path in (stories, f"{PETITION}?never-read=1")]
    finally:
        running.start()

    assert {answer.status for answer in answers} == {200}
    assert all(int(answer.headers["Age"]) >= LIFETIME_S for answer in answers)
    assert gone == [503, 503]
    eventually(lambda: int(reader.ask("GET", PETITION).headers["Age"]) <= LIFETIME_S)
