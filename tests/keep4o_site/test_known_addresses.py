"""The WSGI entry remembers which view answers an address, and nothing that is somebody's own."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import Resolver404
from django.utils import translation

from keep4o_site.known_addresses import MOST_CHARS, MOST_KNOWN, SiteHandler

SIGN = "/en/petitions/measured/sign/"


@pytest.fixture
def handler() -> SiteHandler:
    return SiteHandler()


def ask(path: str) -> HttpRequest:
    return RequestFactory().get(path)


def test_the_second_request_is_answered_by_the_same_view(handler: SiteHandler) -> None:
    first, second = ask(SIGN), ask(SIGN)

    assert handler.resolve_request(first) == handler.resolve_request(second)
    assert second.resolver_match is first.resolver_match
    assert second.resolver_match is not None
    assert (second.resolver_match.view_name, second.resolver_match.kwargs) == ("petitions:sign", {"slug": "measured"})


def test_each_address_has_its_own(handler: SiteHandler) -> None:
    for slug in ("one", "two", "one"):
        assert handler.resolve_request(ask(f"/en/petitions/{slug}/")).kwargs == {"slug": slug}


def test_an_address_of_another_language_is_not_found_in_this_one(handler: SiteHandler) -> None:
    handler.resolve_request(ask(SIGN))

    with translation.override("fr"), pytest.raises(Resolver404):
        handler.resolve_request(ask(SIGN))


@pytest.mark.parametrize(
    "path",
    ["/en/verify/somebodys-own/", "/en/my-signature/somebodys-own/", f"/en/petitions/{'x' * MOST_CHARS}/"],
)
def test_no_personal_and_no_long_address_is_kept(handler: SiteHandler, path: str) -> None:
    handler.resolve_request(ask(path))

    assert not handler.known


def test_what_is_not_found_is_not_kept(handler: SiteHandler) -> None:
    for _ in range(2):
        with pytest.raises(Resolver404):
            handler.resolve_request(ask("/en/nowhere/"))

    assert not handler.known


def test_strangers_cannot_make_it_grow(handler: SiteHandler) -> None:
    for number in range(MOST_KNOWN + 10):
        handler.resolve_request(ask(f"/en/petitions/invented-{number}/"))

    assert len(handler.known) <= MOST_KNOWN
