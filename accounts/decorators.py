"""Who may reach a view. The rules themselves are in accounts.roles; these only ask and answer in HTTP."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def same_origin_required(view: View[P]) -> View[P]:
    """
    This function will guard a public form without a cookie: a POST must come from a page of this site.

    Public pages carry no CSRF cookie, so that they can be cached. Browsers name where a POST comes from in
    Sec-Fetch-Site and Origin, which a page of another site cannot forge (OWASP CSRF cheat sheet, «Fetch Metadata»).
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and not _is_same_origin(request):
            return render(request, "403.html", {"foreign_origin": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def _is_same_origin(request: HttpRequest) -> bool:
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    # Neither header: an old browser or a program, neither of which another site can steer.
    return not source or urlsplit(source).netloc == request.get_host()
