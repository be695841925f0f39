"""How the public pages answer: which methods, who may keep the answer, and what it tells the next site."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page

from accounts.decorators import same_origin_required

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
SHARED_MAX_AGE_S = 2  # a thousand readers a second cost one page in two seconds
STALE_WHILE_REVALIDATE_S = 30


def public_page(view: View[P]) -> View[P]:
    """
    This function will let any cache keep a page that is the same for everybody, and check it by its ETag.

    The ETag is made of the page before compression, whose random padding (against BREACH) differs each time.
    """
    cached = cache_control(
        public=True, max_age=0, s_maxage=SHARED_MAX_AGE_S, stale_while_revalidate=STALE_WHILE_REVALIDATE_S
    )
    return allow_methods("GET", "HEAD")(cached(gzip_page(conditional_page(view))))


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

        return allow_methods(*methods)(never_cache(guarded))

    return decorate


def allow_methods(*methods: str) -> Callable[[View[P]], View[P]]:
    """This function will answer every other method with the 405 page."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method in methods:
                return view(request, *args, **kwargs)
            refusal = render(request, "405.html", status=405)
            refusal.headers["Allow"] = ", ".join(methods)
            return refusal

        return guarded

    return decorate


def see_other(view: str, **arguments: Any) -> HttpResponse:
    """This function will send the browser on after a POST, with a GET whatever it was (RFC 9110, 303)."""
    answer: HttpResponseRedirect = redirect(view, **arguments)
    answer.status_code = 303
    return answer


def _hides_its_origin(request: HttpRequest) -> bool:
    return request.headers.get("Origin") == "null" and "Sec-Fetch-Site" not in request.headers
