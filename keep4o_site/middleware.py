"""What every request passes: a log line with its id, and a polite refusal of bytes that no page can read."""

import logging
import random
import re
import time
from collections.abc import Callable
from traceback import extract_tb

from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage import default_storage
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from keep4o_site.logs import request_id

logger = logging.getLogger("keep4o.access")
Handler = Callable[[HttpRequest], HttpResponse]
# Django answers these with 400, 403 and 404, keep4o_site.lost_database with 503.
_FORESEEN = (
    BadRequest,
    Http404,
    InterfaceError,
    MultiPartParserError,
    OperationalError,
    PermissionDenied,
    SuspiciousOperation,
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_log(get_response: Handler) -> Handler:
    """This function will give each request an id and log its route, status and duration; never its path or visitor."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        # It tells requests apart and guards nothing: the kernel need not be asked for randomness.
        known_as = given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
        token = request_id.set(known_as)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = known_as
            _log_answer(request, response, started)
            return response
        finally:
            request_id.reset(token)

    return middleware


def _log_answer(request: HttpRequest, response: HttpResponse, started: float) -> None:
    route = getattr(request.resolver_match, "view_name", None) or "-"
    if route == "-" and response.status_code < 400:
        return  # a static file
    fields = {"route": route, "method": request.method, "status": response.status_code}
    duration_ms = round((time.perf_counter() - started) * 1000, 1)
    logger.info("request", extra={**fields, "duration_ms": duration_ms})


def one_answer_for_programs(get_response: Handler) -> Handler:
    """
    This function will keep the API's answers, which have no language, from being stored once for each language.

    LocaleMiddleware marks every answer outside of the language prefixes as depending on Accept-Language; a shared cache
    would then ask us for the count again for each of the hundreds of values that browsers send.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/api/"):
            others = [
                name for name in response.headers.get("Vary", "").split(", ") if name not in ("", "Accept-Language")
            ]
            response.headers["Vary"] = ", ".join(others)
            if not others:
                del response.headers["Vary"]
            response.headers.pop("Content-Language", None)
        return response

    return middleware


def heads_for_programs(get_response: Handler) -> Handler:
    """This function will answer a HEAD of the API as its GET: ninja knows none, and the server drops the body."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_head = request.method == "HEAD" and request.path.startswith("/api/")
        if is_head:
            request.method = "GET"
        response = get_response(request)
        if is_head:
            request.method = "HEAD"
        return response

    return middleware


def keep_personal_answers_private(get_response: Handler) -> Handler:
    """This function will let nobody store an answer for which a session was read, unless its view said more."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response

    return middleware


class MessagesWhenAsked(MessageMiddleware):
    """Django's messages, read where somebody asks for them or leaves one: no public page does."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        opened: list[BaseStorage] = []

        def open_messages() -> BaseStorage:
            opened.append(default_storage(request))
            return opened[0]

        request._messages = SimpleLazyObject(open_messages)  # type: ignore[attr-defined]  # noqa: SLF001 # Django looks for it there
        response: HttpResponse = self.get_response(request)  # type: ignore[assignment] # it knows asynchronous ones, too
        for messages in opened:
            messages.update(response)
        return response


def refuse_unreadable_requests(get_response: Handler) -> Handler:
    """This function will answer 400 to invalid UTF-8 or NUL bytes in the path, the query or the form."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _is_readable(request):
            return get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "The address holds bytes that are no text."}, status=400)
        return render(request, "400.html", status=400)

    return middleware


def explain_refused_methods(get_response: Handler) -> Handler:
    """This function will give the bare 405 of a view its page, so that a visitor learns what to do instead."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render(request, "405.html").content  # its headers stay as the view made them
        return response

    return middleware


def log_faults(get_response: Handler) -> Handler:
    """
    This function will log where an unforeseen exception came from: its type and its way through the code.

    Never its message, which may quote what a person typed.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    middleware.process_exception = _log_fault  # type: ignore[attr-defined]  # Django looks for it there
    return middleware


def _log_fault(request: HttpRequest, exception: Exception) -> None:  # noqa: ARG001 # Django passes it
    if isinstance(exception, _FORESEEN):
        return
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(exception.__traceback__)]
    logger.error("fault", extra={"error": type(exception).__name__, "frames": frames})


def _is_readable(request: HttpRequest) -> bool:
    # Django decodes with "replace": U+FFFD marks bytes that were no UTF-8. Form fields answer for themselves,
    # since a person may paste anything and must not lose the rest of what they typed.
    text = f"{request.path}\n{_query_text(request)}" if request.META.get("QUERY_STRING") else request.path
    return "\x00" not in text and "\ufffd" not in text


def _query_text(request: HttpRequest) -> str:
    return "\n".join(f"{key}\n{value}" for key, values in request.GET.lists() for value in values)
