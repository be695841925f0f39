"""How pages answer: which methods, who may keep the answer, and what it tells the next site."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, RawPostDataException
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from accounts.decorators import same_origin_required

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
_MOST_TAKEN_BYTES = 32 * 1024 * 1024  # more is no form that somebody filled in
_CHUNK_BYTES = 64 * 1024
_WORDS_STALE_S = 30
_NOBODY_MAY_KEEP = "max-age=0, no-cache, no-store, must-revalidate, private"  # what add_never_cache_headers says
_LONG_AGO = http_date(0)


class SeeOther(HttpResponseRedirect):
    """Sends the browser on after a POST, with a GET whatever it was (RFC 9110, 303)."""

    status_code = 303


def see_other(view: str, **arguments: Any) -> SeeOther:
    """This function will send the browser on to the page of a URL name."""
    if "token" in arguments:
        return SeeOther(reverse(view, kwargs=arguments))  # a secret link is not remembered
    return SeeOther(_public_address(view, get_language(), tuple(arguments.items())))


@lru_cache(maxsize=256)
def _public_address(view: str, language: str | None, arguments: tuple[tuple[str, Any], ...]) -> str:  # noqa: ARG001 # addresses begin with it
    return reverse(view, kwargs=dict(arguments))


def public_page(*, keep_s: int = 2, stale_s: int = 30, error_s: int = 600) -> Callable[[View[P]], View[P]]:
    """
    This function will let any cache keep a page that is the same for everybody, and check it by its ETag.

    Args:    keep_s: how long a shared cache answers without asking; at 2, a thousand readers a second cost one page in
             two seconds.  stale_s: how long it may answer with the old page while it fetches the new one.
             error_s: how long it may if there is no new one, because the database is away. What people may take back
             gets 0 for both.
    The ETag is made of the page before compression, whose random padding (against BREACH) differs each time.
    """
    caching = {"public": True, "max_age": 0, "s_maxage": keep_s}
    if stale_s:
        caching["stale_while_revalidate"] = stale_s
    if error_s:
        caching["stale_if_error"] = error_s

    def decorate(view: View[P]) -> View[P]:
        # Nothing to forge on a page that changes nothing: a POST is told 405, not that it lacks a token.
        return csrf_exempt(require_safe(_let_keep(gzip_page(conditional_page(view)), caching)))

    return decorate


def _let_keep(view: View[P], caching: dict[str, Any]) -> View[P]:
    """This function will tell caches what they may do, where the view has not said it itself."""

    @wraps(view)
    def told(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        said = answer.headers.get("Cache-Control", "")
        unsaid = {name: value for name, value in caching.items() if name.replace("_", "-") not in said}
        patch_cache_control(answer, **unsaid)
        return answer

    return told


def never_kept(view: View[P]) -> View[P]:
    """This function will let nobody keep what a view answers: Django's never_cache, which takes all answers apart."""

    @wraps(view)
    def told(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if "Cache-Control" in answer.headers:
            add_never_cache_headers(answer)
        else:
            answer.headers["Cache-Control"] = _NOBODY_MAY_KEEP
            answer.headers["Expires"] = _LONG_AGO
        return answer

    return told


def keep_words_briefly(response: HttpResponse) -> None:
    """This function will shorten the second life of a public page that shows what people said and may take back."""
    patch_cache_control(response, stale_while_revalidate=_WORDS_STALE_S, stale_if_error=_WORDS_STALE_S)


def secret_page(*methods: str) -> Callable[[View[P]], View[P]]:
    """
    This function will guard a page whose address is a secret link: never kept, never indexed, never told to others.

    Its forms are for our own pages only. A browser from before 2023 names no origin on a page that sends no referrer
    (`Origin: null` without Sec-Fetch-Site); it is let through, since a foreign page does not know the link.
    """

    def decorate(view: View[P]) -> View[P]:
        from_our_pages = same_origin_required(view)

        @wraps(from_our_pages)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            answer = (view if _hides_its_origin(request) else from_our_pages)(request, *args, **kwargs)
            answer.headers["Referrer-Policy"] = "no-referrer"
            answer.headers["X-Robots-Tag"] = "noindex, nofollow"
            return answer

        return require_http_methods(list(methods))(never_kept(guarded))

    return decorate


def take_the_rest(request: HttpRequest) -> None:
    """This function will read what a browser still sends: it shows no answer that comes before it has sent all."""
    if not 0 < int(request.META.get("CONTENT_LENGTH") or 0) <= _MOST_TAKEN_BYTES:
        return
    with suppress(OSError, RawPostDataException):  # it went away, or all is read already
        while request.read(_CHUNK_BYTES):
            pass


def _hides_its_origin(request: HttpRequest) -> bool:
    return request.META.get("HTTP_ORIGIN") == "null" and "HTTP_SEC_FETCH_SITE" not in request.META
