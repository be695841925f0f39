"""Django behind its cache: what the site's own addresses do, each of them, for strangers and people who are known."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from keep4o_site.page_cache import PageCache
from tests.hostile_world import LANGUAGES, World, world  # noqa: F401 - a fixture
from tests.keep4o_site.page_cache.visiting import Got, make_cache, visit
from tests.test_caching import _OF_ONE_PERSON, public_paths

pytestmark = pytest.mark.django_db
_OF_ONE_REQUEST = {"X-Request-ID", "Age"}


class Django:
    """Django as the web server calls it, but that a request leaves the test its open transaction."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        signals = (request_started, request_finished)
        were_connected = [signal.disconnect(close_old_connections) for signal in signals]
        response = self._handler(environ, start_response)
        response.close()
        for signal, was_connected in zip(signals, were_connected, strict=True):
            if was_connected:
                signal.connect(close_old_connections)
        return [b"".join(response)]


@pytest.fixture(autouse=True)
def _one_stamp(settings: Settings) -> None:
    """The stamp in the signing form changes every two seconds; no two pages of a test may lie around that instant."""
    settings.FORM_STAMP = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_page_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, what was kept stays fresh."""
    instant = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: instant)


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def cache(django: Django) -> PageCache:
    return make_cache(django)


def _alike(got: Got) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in got.headers.items() if name not in _OF_ONE_REQUEST}
    return got.status, headers, got.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_hit_is_the_answer_that_django_gives(
    world: World,  # noqa: F811
    django: Django,
    cache: PageCache,
    method: str,
) -> None:
    paths, different = public_paths(world), []

    for path in paths:
        visit(cache, path)
        hit, direct = visit(cache, path, method=method), visit(django, path, method=method)
        if (
            method == "HEAD"
        ):  # Django gives it no ETag, though RFC 9110 wants what a GET says; the server drops the body
            direct.body, direct.headers["ETag"] = b"", hit.headers["ETag"]
        if "Age" not in hit.headers or _alike(hit) != _alike(direct):
            said = {*_alike(hit)[1].items()} ^ {*_alike(direct)[1].items()}
            different.append((path, hit.status, direct.status, said))

    assert len(paths) > 20
    assert not different


def test_a_known_page_is_answered_as_django_does(
    world: World,  # noqa: F811
    django: Django,
    cache: PageCache,
) -> None:
    for path in public_paths(world):
        etag = visit(cache, path).headers["ETag"]
        hit, direct = visit(cache, path, if_none_match=etag), visit(django, path, if_none_match=etag)

        assert (hit.status, hit.body, direct.status) == (304, b"", 304), path
        assert hit.headers.get("Vary") == visit(cache, path).headers.get("Vary"), path
        named = {"Cache-Control", "ETag", "Content-Security-Policy", "X-Frame-Options", "Content-Language"}
        for name in named:
            assert hit.headers.get(name) == direct.headers.get(name), (path, name)


def test_a_hit_asks_the_database_nothing(world: World, cache: PageCache) -> None:  # noqa: F811
    paths = public_paths(world)
    for path in paths:
        visit(cache, path, accept_encoding="gzip")

    with CaptureQueriesContext(connection) as statements:
        for path in paths:
            assert "Age" in visit(cache, path, accept_encoding="gzip").headers, path

    assert len(statements) == 0


def test_nothing_of_one_person_is_ever_kept(world: World, cache: PageCache) -> None:  # noqa: F811
    session = world.staff.cookies["sessionid"].value
    kept = []

    for path in world.paths(*LANGUAGES):
        before = len(cache.memory)
        visit(cache, path, cookie=f"sessionid={session}")
        if len(cache.memory) != before:
            kept.append(("signed in", path))
        visit(cache, path)
        if len(cache.memory) != before and _OF_ONE_PERSON.match(path):
            kept.append(("stranger", path))

    assert not kept


def test_whoever_signs_in_sees_the_page_of_this_instant(world: World, cache: PageCache) -> None:  # noqa: F811
    session = world.staff.cookies["sessionid"].value
    path = next(path for path in public_paths(world) if re.fullmatch(r"/en/petitions/[^/]+/", path))
    visit(cache, path)

    with CaptureQueriesContext(connection) as statements:
        answer = visit(cache, path, cookie=f"sessionid={session}")

    assert "Age" not in answer.headers
    assert len(statements) > 0


def test_a_forged_host_reaches_no_page(cache: PageCache) -> None:
    assert visit(cache, host="evil.example").status == 400
    assert len(cache.memory) == 0


def test_the_operator_sees_how_the_cache_does(client: Client) -> None:
    assert "keep4o_page_cache_answers_total" in client.get("/metrics").text
