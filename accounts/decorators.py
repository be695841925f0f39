"""Who may reach a view, and what it reads from. The rules are in accounts.roles; these only ask and answer in HTTP."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import SplitResult, urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Role, User
from accounts.roles import has_role
from outbox.replica import FAILURES, nearness, reading_the_replica

P = ParamSpec("P")
T = TypeVar("T")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def same_origin_required(view: View[P]) -> View[P]:
    """
    This function will guard a public form without a cookie: a POST must come from a page of this site.

    Public pages carry no CSRF cookie, so that they can be cached. Browsers name where a POST comes from in
    Sec-Fetch-Site and Origin, which a page of another site cannot forge (OWASP CSRF cheat sheet, «Fetch Metadata»).
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and not _is_same_origin(request):
            return render(request, "403.html", {"foreign_origin": True}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def may_lag(view: Callable[Concatenate[HttpRequest, P], T]) -> Callable[Concatenate[HttpRequest, P], T]:
    """
    This function will let a public page be read from a replica that is near enough, and else from the primary.

    For pages that are the same for everybody and change nothing, so that one may be made a second time: where the
    replica fails or does not know the thing yet. Whoever is signed in may have changed it, and reads the primary.
    """

    @wraps(view)
    def reading(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES and nearness.is_near():
            try:
                with reading_the_replica():
                    answer = view(request, *args, **kwargs)
                if getattr(answer, "status_code", 200) < 400:
                    return answer
            except Http404:
                pass  # perhaps it was published a moment ago
            except FAILURES as error:
                nearness.leave(error)
        return view(request, *args, **kwargs)

    return reading


def team_role_required(roles: frozenset[Role]) -> Callable[[View[P]], View[P]]:
    """
    This function will open a view to whoever holds one of the roles in any team; nothing of it is ever cached.

    Strangers are sent to sign in, the wrong role gets the 403 page, and where a second factor is required
    (settings.STAFF_MFA_REQUIRED) staff without one are sent to set it up. Which team's rows the view then shows
    is for its query to say: `accounts.roles.teams_of(user=request.user, roles=…)`.
    """

    def decorate(view: View[P]) -> View[P]:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            refusal = _refusal(request, roles)
            return refusal if refusal is not None else view(request, *args, **kwargs)

        return guarded

    return decorate


def site_staff_required(view: View[P]) -> View[P]:
    """
    This function will open a view to the operator's staff alone (`is_staff`), whatever roles a person holds in teams.

    Nothing of it is cached; strangers are sent to sign in, everybody else gets the 403 page, and staff without a second
    factor are sent to set it up where one is required.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        refusal = _refusal_of(request, is_right=getattr(request.user, "is_staff", False))
        return refusal if refusal is not None else view(request, *args, **kwargs)

    return guarded


def role_or_site_staff_required(roles: frozenset[Role]) -> Callable[[View[P]], View[P]]:
    """This function will open a view to the operator's staff and to whoever holds one of the roles; nothing is cached."""

    def decorate(view: View[P]) -> View[P]:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            is_right = getattr(request.user, "is_staff", False) or has_role(user=request.user, roles=roles)
            refusal = _refusal_of(request, is_right=is_right)
            return refusal if refusal is not None else view(request, *args, **kwargs)

        return guarded

    return decorate


def signed_in_user(request: HttpRequest) -> User:
    """This function will name the user of a view that a decorator above has closed to strangers."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _refusal(request: HttpRequest, roles: frozenset[Role]) -> HttpResponse | None:
    return _refusal_of(request, is_right=has_role(user=request.user, roles=roles))


def _refusal_of(request: HttpRequest, *, is_right: bool) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return redirect_to_login(_return_path(request), reverse("account_login"))
    if not is_right:
        return render(request, "403.html", status=403)
    if settings.STAFF_MFA_REQUIRED and not is_mfa_enabled(request.user):
        messages.warning(request, gettext("Your role needs a second factor. Set one up here, then go on."))
        return redirect("mfa_index")
    return None


def _return_path(request: HttpRequest) -> str:
    """This function will name the page to come back to: a form that was sent is no page, where it stood is."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    stood_on = _split(request.headers.get("Referer", ""))
    return stood_on.path if stood_on.netloc == request.get_host() else request.path


def _is_same_origin(request: HttpRequest) -> bool:
    fetch_site: str | None = request.META.get("HTTP_SEC_FETCH_SITE")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    source = request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER", "")
    # Neither header: an old browser or a program, neither of which another site can steer.
    return not source or _split(source).netloc == request.get_host()


def _split(address: str) -> SplitResult:
    """This function will take an address of a header apart; one that cannot be read is nobody's."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
