"""Which language an answer speaks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

Handler = Callable[[HttpRequest], HttpResponse]


def speak_as_the_address_says(get_response: Handler) -> Handler:
    """
    This function will speak the language that a page's address begins with.

    An address without one is Django's to judge: by the cookie and by what the browser prefers.
    """
    by_preference = LocaleMiddleware(get_response)
    languages = frozenset(code for code, _ in settings.LANGUAGES)

    def middleware(request: HttpRequest) -> HttpResponse:
        language = request.path_info[1:].partition("/")[0]
        if language not in languages:
            return by_preference(request)  # type: ignore[return-value] # it knows asynchronous ones, too
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response

    return middleware
