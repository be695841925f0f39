"""While a page cannot be made, the old one is given as long as it said; and not longer."""

from typing import Any

import pytest

from tests.keep4o_site.page_cache.visiting import Site, Valkey, make_cache, visit


def _break(site: Site, how: str) -> None:
    site.fails, site.status = how == "an exception", "503 Service Unavailable" if how == "an answer" else site.status


broken = pytest.mark.parametrize("how", ["an answer", "an exception"])


@broken
def test_the_old_page_is_given_while_a_new_one_cannot_be_made(site: Site, later: Any, how: str) -> None:
    cache = make_cache(site)
    visit(cache)
    _break(site, how)

    later(500)

    assert [visit(cache).body for _ in range(3)] == [b"page 1"] * 3
    assert visit(cache).age == 500
    assert site.renderings == 2  # not each visitor tries
    later(1.1)
    visit(cache)
    assert site.renderings == 3


def test_after_its_time_an_old_page_is_given_no_more(site: Site, later: Any) -> None:
    cache = make_cache(site)
    visit(cache)
    site.status = "503 Service Unavailable"

    later(603)

    assert visit(cache).status == 503


def test_a_page_without_a_word_about_errors_is_not_given(site: Site, later: Any) -> None:
    site.caching = "public, s-maxage=1, stale-while-revalidate=30"
    cache = make_cache(site)
    visit(cache)
    site.status = "503 Service Unavailable"

    later(2)

    assert visit(cache).status == 503


def test_what_recovers_is_new_within_a_second(site: Site, later: Any) -> None:
    cache = make_cache(site)
    visit(cache)
    site.status = "503 Service Unavailable"
    later(3)
    visit(cache)
    site.status = "200 OK"

    later(1.1)

    assert (visit(cache).body, visit(cache).body) == (b"page 3", b"page 3")


def test_a_new_process_gives_what_the_others_had(site: Site, valkey: Valkey, later: Any) -> None:
    visit(make_cache(site, valkey=valkey))
    site.status = "503 Service Unavailable"
    later(60, valkey=valkey)

    answer = visit(make_cache(site, valkey=valkey))

    assert (answer.body, answer.age) == (b"page 1", 60)


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "302 Found"])
def test_what_was_taken_back_does_not_return_with_an_error(site: Site, valkey: Valkey, later: Any, status: str) -> None:
    processes = [make_cache(site, valkey=valkey) for _ in range(2)]
    visit(processes[0])
    site.status = status
    later(3, valkey=valkey)
    visit(processes[0])
    site.status = "503 Service Unavailable"

    assert [visit(cache).status for cache in processes] == [503, 503]
    assert valkey.keys("page") == []
