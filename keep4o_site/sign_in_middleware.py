"""What signing in with an account elsewhere needs around allauth's views, wherever a provider is set up."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
# allauth's views of the providers have no language in their address: a provider knows one address to come back to.
_PROVIDER_PATH = "/accounts/"
_PAGES_WITH_BUTTONS = frozenset({"account_login", "account_signup", "socialaccount_connections"})
# A provider that is away (what the HTTP client raises is an OSError), or that says what the protocol does not let it say.
_ITS_FAULTS = (OSError, KeyError, ValueError, TypeError)


def signing_in_elsewhere(get_response: Handler) -> Handler:
    """
    This function will keep the visitor's language on the way to a provider and back, let the sign-in forms lead there,
    and answer with a page when the provider fails.
    """
    if not settings.SOCIAL_PROVIDER_APPS:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_PROVIDER_PATH):
            _speak_as_before(request)
        response = get_response(request)
        if _shows_buttons(request):
            # Browsers hold a form's policy against the redirects that follow it, too.
            response._csp_update = {"form-action": settings.SOCIAL_SIGN_IN_ORIGINS}  # type: ignore[attr-defined]  # noqa: SLF001 # what csp.decorators.csp_update sets
        return response

    middleware.process_exception = _explain_fault  # type: ignore[attr-defined]  # Django looks for it there
    return middleware


def _speak_as_before(request: HttpRequest) -> None:
    """This function will read the language from our own form or, on the way back, from the state that we gave along."""
    language = request.GET.get("language") or request.GET.get("state", "").partition(".")[0]
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        request.LANGUAGE_CODE = language


def _shows_buttons(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name in _PAGES_WITH_BUTTONS or request.path.startswith(_PROVIDER_PATH))


def _explain_fault(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    if not request.path.startswith(_PROVIDER_PATH) or not isinstance(exception, _ITS_FAULTS):
        return None
    logger.warning("provider_failed", extra={"error": type(exception).__name__})
    return render(request, "socialaccount/authentication_error.html", status=502)
