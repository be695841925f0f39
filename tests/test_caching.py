"""
What anybody may keep is the same for everybody, and what is one person's is kept by nobody.

The tests walk the URLconf: an address is either public, and then a shared cache may answer for it, or it must say that
nothing of it is stored.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from tests.hostile_world import LANGUAGES, World, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_stamp(settings: Settings) -> None:
    """The stamp in the signing form changes every two seconds; no two pages of a test may lie around that instant."""
    settings.FORM_STAMP = timedelta(days=1)


# Answered anew for each asker: programs that watch the site, a challenge to work on, the door that sends to a language.
_MACHINES = re.compile(
    r"^/(?:$|healthz|readyz|metrics|robots|\.well-known|api/v1/(?:docs|openapi|petitions/[^/]+/work|$)|dev/|\w\w/dev/|admin/jsi18n)"
)
_OF_ONE_PERSON = re.compile(
    r"^/(?:\w\w/)?(?:organise|moderate|admin|accounts|verify|confirm-story|my-signature|my-story|unsubscribe)(?:/|$)"
)


_SECOND_LIFE = ["stale-while-revalidate=", "stale-if-error="]
_TAKEN_BACK = re.compile(r"/comments/|/stories/(?:$|[0-9a-f-]{36}/)")


def public_paths(world: World) -> list[str]:  # noqa: F811
    paths = [path for path in world.paths(*LANGUAGES) if not _MACHINES.match(path) and not _OF_ONE_PERSON.match(path)]
    return [path for path in paths if Client().get(path).status_code == 200]


def test_public_pages_are_the_same_for_everybody_and_may_be_kept(world: World) -> None:  # noqa: F811
    paths = public_paths(world)
    faults = []

    for path in paths:
        stranger, staff = Client().get(path), world.staff.get(path)
        headers = stranger.headers
        is_kept = headers["Cache-Control"].startswith("public") or "public" in headers["Cache-Control"]
        is_the_same = stranger.content == staff.content
        # The counts of a petition say more to its team; they vary by cookie, and only then are they private.
        if (
            not is_kept
            or stranger.cookies
            or ("counts" not in path and ("Cookie" in headers.get("Vary", "") or not is_the_same))
        ):
            faults.append((path, headers["Cache-Control"], headers.get("Vary"), is_the_same))

    assert len(paths) > 20
    assert not faults


def test_public_pages_say_how_long_they_may_be_kept_and_shown_after(world: World) -> None:  # noqa: F811
    """Except what people may take back: it has no second life at all."""
    faults = []

    for path in public_paths(world):
        caching = Client().get(path).headers["Cache-Control"]
        wanted = ["s-maxage="] if _TAKEN_BACK.search(path) else ["s-maxage=", *_SECOND_LIFE]
        unwanted = _SECOND_LIFE if _TAKEN_BACK.search(path) else ["private"]
        if any(word not in caching for word in wanted) or any(word in caching for word in unwanted):
            faults.append((path, caching))

    assert not faults


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_public_pages_are_checked_by_their_etag(world: World, encoding: str) -> None:  # noqa: F811
    faults = []

    for path in public_paths(world):
        first = Client().get(path, headers={"accept-encoding": encoding})
        again = Client().get(
            path, headers={"accept-encoding": encoding, "if-none-match": first.headers.get("ETag", "")}
        )
        if again.status_code != 304 or again.content:
            faults.append((path, first.headers.get("ETag"), again.status_code))

    assert not faults


def test_a_head_says_what_a_get_would(world: World) -> None:  # noqa: F811
    for path in public_paths(world):
        get, head = Client().get(path), Client().head(path)

        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["Content-Type"] == get.headers["Content-Type"], path


def test_pages_of_one_person_are_kept_by_nobody_and_found_by_no_engine(world: World) -> None:  # noqa: F811
    faults = []

    for path in world.paths(*LANGUAGES):
        if not _OF_ONE_PERSON.match(path) or _MACHINES.match(path):
            continue
        answer = world.staff.get(path)
        is_stored = "no-store" not in answer.headers.get("Cache-Control", "")
        is_page = answer.status_code in (200, 410) and answer.headers["Content-Type"].startswith("text/html")
        is_found = is_page and not re.search("noindex|NONE,", answer.headers.get("X-Robots-Tag", "") + answer.text)
        if answer.status_code not in (403, 404, 405) and (is_stored or is_found):
            faults.append((path, answer.status_code, answer.headers.get("Cache-Control"), is_found))

    assert not faults
