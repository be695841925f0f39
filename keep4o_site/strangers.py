"""
Pages that ask nobody who they are: the links in our mails, and the form that everybody signs by.

What makes a session, its user and their messages stands in settings.MIDDLEWARE between the two functions below; whoever
asks for such a page is led past it. A view that asks for a user all the same finds none and fails, and a form that needs
Django's token is refused, since the token's cookie is read on the other way.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
_NOBODY_IS_ASKED = re.compile(
    r"/[a-z]{2}/(?:(?:confirm-story|my-signature|my-story|unsubscribe|verify)/|petitions/[^/]+/sign/$)"
)
# Django loads its middleware from the inside out: where strangers arrive is known before their way begins.
_arrivals: list[Handler] = []


def strangers_go_past(get_response: Handler) -> Handler:
    """This function will lead to a page that takes no session without looking for one."""
    arrive = _arrivals.pop()

    def middleware(request: HttpRequest) -> HttpResponse:
        return (arrive if _NOBODY_IS_ASKED.match(request.path_info) else get_response)(request)

    return middleware


def strangers_arrive(get_response: Handler) -> Handler:
    """This function will be where both ways meet again."""
    _arrivals.append(get_response)
    return get_response
