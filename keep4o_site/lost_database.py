"""
What visitors are told while PostgreSQL is away: 503, when to come back and, after a form, all that they had typed.

Nothing here asks the database, nor may a template that it renders.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.silence import let_work_be_long

logger = logging.getLogger("keep4o.access")
Handler = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_S = 10  # a restart takes a few seconds
# Who works here exports, counts and searches through all signatures; a visitor asks nothing that takes long.
_STAFF = re.compile(r"(?:/[a-z-]+)?/(?:organise|moderate|admin)/")
# Their forms are given back as they were sent. Not those of accounts, which hold passwords and codes.
_FORMS_KEPT_OF = frozenset({"petitions", "campaigns", "testimonials"})
# What a person typed in words, and sees again; all other fields are kept as well, unseen.
_SHOWN: dict[str, Promise] = {
    "name": _("Your name"),
    "email": _("Your e-mail address"),
    "postcode": _("Your postcode"),
    "comment": _("Your comment"),
    "body": _("Your story"),
    "display_name": _("The name to show"),
}


def answer_when_database_is_away(get_response: Handler) -> Handler:
    """This function will answer 503 with Retry-After while PostgreSQL cannot be reached, and give back what was typed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Until the thread's next request: an answer may still be read from the database when it has left from here.
        let_work_be_long(is_long=_STAFF.match(request.path) is not None)
        return get_response(request)

    middleware.process_exception = _answer_exception  # type: ignore[attr-defined]  # Django looks for it there
    return middleware


def is_lost_database(error: BaseException | None) -> bool:
    return isinstance(error, OperationalError | InterfaceError)


def answer_lost_database(request: HttpRequest, error: BaseException) -> HttpResponse:
    """This function will make the answer to whoever asked for something that only the database knows."""
    logger.error("database_unreachable", extra={"error": type(error).__name__})
    response = _answer(request)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    add_never_cache_headers(response)
    return response


def _answer_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    return answer_lost_database(request, exception) if is_lost_database(exception) else None


def _answer(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "The database is away for a moment. Please ask again."}, status=503)
    if request.method == "POST" and _is_kept(request):
        return _give_form_back(request)
    return render(request, "503.html", status=503)


def _is_kept(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.app_name in _FORMS_KEPT_OF


def _give_form_back(request: HttpRequest) -> HttpResponse:
    """
    This function will show a page whose one button sends the same form again.

    Pressing it is safe whatever became of the first try, also when the connection was lost in the middle of a commit:
    signing again owes another mail within the day's limit, and proving again finds the proof.
    """
    context = {"action": request.get_full_path(), "fields": _fields(request), "shown": _shown(request)}
    response = render(request, "503_form.html", context, status=503)
    if request.resolver_match and "token" in request.resolver_match.kwargs:
        response.headers["Referrer-Policy"] = "no-referrer"  # the address of the page is a secret link
    return response


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [(_showable(name), _showable(value)) for name, values in request.POST.lists() for value in values]


def _shown(request: HttpRequest) -> list[tuple[Any, str]]:
    texts = [(label, _showable(request.POST.get(name, ""))) for name, label in _SHOWN.items()]
    return [(label, text) for label, text in texts if text.strip()]


def _showable(text: str) -> str:
    return text.replace("\x00", "")  # the one character that HTML cannot hold
