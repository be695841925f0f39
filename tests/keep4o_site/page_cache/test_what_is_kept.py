"""Which answers are kept, for whom, and under which name."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.keep4o_site.page_cache.visiting import PUBLIC, Site, make_cache, visit


def test_a_public_page_is_rendered_once(site: Site) -> None:
    cache = make_cache(site)

    first, second = visit(cache), visit(cache)

    assert site.renderings == 1
    assert (first.body, second.body) == (b"page 1", b"page 1")
    assert (first.status, second.status) == (200, 200)


def test_an_answer_tells_its_age_and_no_other_requests_id(site: Site, later: Any) -> None:
    cache = make_cache(site)

    first = visit(cache)
    later(1.5)
    second = visit(cache)

    assert (first.age, second.age) == (0, 1)
    assert first.headers["X-Request-ID"] == "request-1"
    assert "X-Request-ID" not in second.headers


def test_age_is_counted_from_when_rendering_began(site: Site, later: Any) -> None:
    cache = make_cache(site)
    site.body = lambda _number: (later(2.1), b"slow")[1]

    visit(cache)

    assert visit(cache).headers["X-Request-ID"] == "request-2"  # it was too old when it was ready


@pytest.mark.parametrize(
    "changed",
    [
        {"caching": ""},
        {"caching": "private, s-maxage=5"},
        {"caching": "public, no-store, s-maxage=5"},
        {"caching": "public, no-cache, s-maxage=5"},
        {"caching": "public, max-age=60"},
        {"caching": "public, s-maxage=0"},
        {"caching": "s-maxage=5"},
        {"headers": [("Set-Cookie", "a=b")]},
        {"headers": [("Vary", "Accept-Language")]},
        {"headers": [("Vary", "*")]},
        {"headers": [("Vary", "Accept-Encoding"), ("Vary", "Origin")]},
        {"status": "404 Not Found"},
        {"status": "301 Moved Permanently"},
        {"status": "410 Gone"},
        {"status": "503 Service Unavailable"},
        {"is_stream": True},
        {"body": lambda _number: b"x" * 1_000_001},
    ],
)
def test_what_is_not_for_everybody_is_not_kept(changed: dict[str, Any]) -> None:
    site = Site(**changed)
    cache = make_cache(site)

    visit(cache)
    visit(cache)

    assert site.renderings == 2
    assert len(cache.memory) == 0


@pytest.mark.parametrize(
    "known", [{"cookie": "theme=dark; sessionid=abc"}, {"authorization": "Bearer abc"}, {"method": "POST"}], ids=str
)
def test_whoever_is_known_is_answered_by_django(site: Site, known: dict[str, str]) -> None:
    cache = make_cache(site)
    visit(cache)

    assert visit(cache, **known).body == b"page 2"
    assert visit(cache).body == b"page 1"  # and what they saw is nobody else's


def test_an_answer_that_varies_by_visitor_is_for_those_without_a_cookie(site: Site) -> None:
    site.headers = [("Vary", "Accept-Encoding, Cookie, Authorization")]
    cache = make_cache(site)

    assert visit(cache, cookie="a=b").body == b"page 1"  # not kept
    later = make_cache(site)
    assert visit(later).body == b"page 2"
    assert visit(later, cookie="a=b").body == b"page 3"
    assert visit(later).body == b"page 2"


@pytest.mark.parametrize(
    "query",
    ["utm_source=mail&utm_medium=x", "fbclid=abc", "GCLID=1", "utm_campaign", "&&", "mc_eid=1&utm_id=%20&_ga=1"],
)
def test_what_follows_people_makes_no_other_page_and_is_not_repeated(site: Site, query: str) -> None:
    cache = make_cache(site)

    visit(cache, query=query)

    assert visit(cache).body == b"page 1"
    assert site.asked[0]["QUERY_STRING"] == ""


def test_other_words_of_a_query_stay_and_part_pages(site: Site) -> None:
    cache = make_cache(site)

    visit(cache, query="page=2&utm_source=x&a=%26utm_b")
    visit(cache, query="page=3")

    assert [asked["QUERY_STRING"] for asked in site.asked] == ["page=2&a=%26utm_b", "page=3"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "localhost:x", "loc alhost"])
def test_nothing_is_kept_for_a_host_that_is_not_ours(site: Site, host: str) -> None:
    cache = make_cache(site)

    visit(cache, host=host)
    visit(cache, host=host)

    assert (site.renderings, len(cache.memory)) == (2, 0)


def test_hosts_and_schemes_do_not_share_pages(site: Site, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    cache = make_cache(site)

    bodies = {
        visit(cache, host=host, x_forwarded_proto=scheme).body
        for host in ("localhost", "127.0.0.1")
        for scheme in ("http", "https", "https, http")
    }

    assert bodies == {b"page 1", b"page 2", b"page 3", b"page 4"}


@pytest.mark.parametrize(
    "path",
    [
        "/en/verify/abc/",
        "/fr/my-signature/abc/",
        "/en/my-story/x/",
        "/en/organise/",
        "/admin/",
        "/metrics",
        "/static/a.js",
    ],
)
def test_secret_addresses_are_never_kept_whatever_their_answer_says(site: Site, path: str) -> None:
    cache = make_cache(site)

    visit(cache, path)
    visit(cache, path)

    assert (site.renderings, len(cache.memory)) == (2, 0)


def test_each_coding_has_a_page_of_its_own(site: Site) -> None:
    cache = make_cache(site)
    asked = ["gzip, deflate, br", "br", "", "GZIP;q=0.5", "gzip;q=0, br", "identity", "*"]

    bodies = [visit(cache, accept_encoding=encoding).body[-1:] for encoding in asked]

    assert bodies == [b"1", b"2", b"2", b"1", b"2", b"2", b"1"]
    assert [environ["HTTP_ACCEPT_ENCODING"] for environ in site.asked] == ["gzip", "identity"]


def test_a_head_is_answered_from_the_page_and_a_page_from_a_head(site: Site) -> None:
    cache = make_cache(site)

    head, get, again = visit(cache, method="HEAD"), visit(cache), visit(cache, method="HEAD")

    assert (site.renderings, site.asked[0]["REQUEST_METHOD"]) == (1, "GET")
    assert (head.body, get.body, again.body) == (b"", b"page 1", b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == again.headers["Content-Length"] == "6"


@pytest.mark.parametrize("known", ['"abc"', 'W/"abc"', '"x", W/"abc"', "*"])
def test_whoever_has_the_page_is_told_so(site: Site, known: str) -> None:
    cache = make_cache(site)

    first, second = visit(cache, if_none_match=known), visit(cache, if_none_match=known)

    assert (first.status, second.status, first.body, second.body) == (304, 304, b"", b"")
    assert second.headers["ETag"] == '"abc"'
    assert second.headers["Cache-Control"] == PUBLIC
    assert not {"Content-Length", "Content-Type"} & second.headers.keys()
    assert visit(cache, if_none_match='"other"').body == b"page 1"
    assert "HTTP_IF_NONE_MATCH" not in site.asked[0]  # or a 304 would have been everybody's page


def test_memory_is_bounded_and_what_is_asked_for_stays(site: Site) -> None:
    site.body = lambda _number: b"x" * 10_000
    cache = make_cache(site, most_bytes=100_000)

    for number in range(100):
        visit(cache, query=f"page={number}")
        visit(cache, "/en/petitions/")
        assert cache.memory.bytes <= 100_000

    assert sum(asked["PATH_INFO"] == "/en/petitions/" for asked in site.asked) == 1
    assert 5 <= len(cache.memory) <= 9
