"""Many who ask at once get one rendering, in one process, in several, and whatever becomes of Valkey."""

import time
from typing import Any

import pytest

from keep4o_site.page_cache import making
from tests.keep4o_site.page_cache.visiting import Site, Valkey, make_cache, visit, visit_at_once


def test_a_stampede_on_a_cold_page_renders_it_once_for_all_processes(site: Site, valkey: Valkey) -> None:
    site.takes_s = 0.1
    processes = [make_cache(site, valkey=valkey) for _ in range(3)]

    answers = visit_at_once(processes, visitors=24)

    assert site.renderings == 1
    assert {answer.body for answer in answers} == {b"page 1"}


def test_a_stampede_on_an_old_page_renders_it_once_and_holds_nobody_up(site: Site, valkey: Valkey, later: Any) -> None:
    processes = [make_cache(site, valkey=valkey) for _ in range(3)]
    visit_at_once(processes, visitors=3)
    later(2.5, valkey=valkey)
    site.takes_s = 0.3

    began = time.monotonic()
    answers = visit_at_once(processes, visitors=24)

    assert site.renderings == 2
    assert sorted(answer.body for answer in answers) == [b"page 1"] * 23 + [b"page 2"]
    assert time.monotonic() - began < 0.9


def test_a_page_without_a_second_life_is_waited_for(site: Site, valkey: Valkey, later: Any) -> None:
    site.caching = "public, max-age=0, s-maxage=1"
    processes = [make_cache(site, valkey=valkey) for _ in range(2)]
    visit_at_once(processes, visitors=2)
    later(1.1, valkey=valkey)
    site.takes_s = 0.1

    answers = visit_at_once(processes, visitors=8)

    assert site.renderings == 2
    assert {answer.body for answer in answers} == {b"page 2"}


def test_another_processs_page_keeps_its_age(site: Site, valkey: Valkey, later: Any) -> None:
    visit(make_cache(site, valkey=valkey))
    later(1.2, valkey=valkey)
    other = make_cache(site, valkey=valkey)

    assert visit(other).age == 1
    later(0.9, valkey=valkey)
    assert visit(other).body == b"page 2"
    assert site.renderings == 2


def test_whoever_dies_over_a_page_holds_the_others_up_for_a_moment_only(
    site: Site, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "WAIT_S", 0.2)
    cache = make_cache(site, valkey=valkey)
    visit(cache)
    (page,) = valkey.keys("page")
    valkey.client.delete(page)
    valkey.client.set(page.replace(b":page", b":claim"), 1, px=60_000)  # of a process that is no more

    assert visit(make_cache(site, valkey=valkey)).body == b"page 2"


def test_no_claim_outlives_its_page(site: Site, valkey: Valkey, later: Any) -> None:
    processes = [make_cache(site, valkey=valkey) for _ in range(2)]
    for cache in processes:
        visit(cache)
    site.status = "404 Not Found"
    visit(processes[0], "/en/nothing/")
    site.status = "503 Service Unavailable"
    visit(processes[0], "/en/broken/")

    assert valkey.keys("claim") == []
    assert all(0 < valkey.client.pttl(page) <= 602_000 for page in valkey.keys("page"))


def test_without_valkey_a_process_collapses_its_own_stampede(site: Site) -> None:
    site.takes_s = 0.05
    cache = make_cache(site)

    began = time.monotonic()
    answers = visit_at_once([cache], visitors=8)

    assert site.renderings == 1
    assert {answer.status for answer in answers} == {200}
    assert time.monotonic() - began < 0.9


def test_answers_that_are_not_everybodys_do_not_queue(site: Site) -> None:
    site.caching, site.takes_s = "private", 0.1
    cache = make_cache(site)
    visit(cache)

    began = time.monotonic()
    bodies = {answer.body for answer in visit_at_once([cache], visitors=8)}

    assert len(bodies) == 8  # to each their own
    assert time.monotonic() - began < 0.6


def test_figures_of_all_processes_add_up(site: Site, valkey: Valkey, later: Any) -> None:
    processes = [make_cache(site, valkey=valkey) for _ in range(2)]
    for cache in processes:
        for _ in range(3):
            visit(cache)
    visit(processes[0], method="POST")

    figures = [cache.figures() for cache in processes][-1]

    assert figures == {"rendered": 1, "shared": 1, "hit": 4, "passed": 1}
