"""The content security policy of every answer: put together once, and again only where a view has one of its own."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
# What csp.decorators and signing_in_elsewhere leave at an answer.
_OF_ITS_OWN = frozenset({"_csp_config", "_csp_exempt", "_csp_replace", "_csp_update"})


def content_security_policy(get_response: Handler) -> Handler:
    """
    This function will tell browsers what a page may load: by the settings, or as its view has changed them.

    No page of ours takes a nonce, which would differ from answer to answer.
    """
    policy = build_policy()
    by_its_view = CSPMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not _OF_ITS_OWN.isdisjoint(vars(response)):
            by_its_view.process_response(request, response)
        elif HEADER not in response.headers:
            response.headers[HEADER] = policy
        return response

    return middleware
