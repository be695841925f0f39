"""Django's entry for requests, which finds the view of an address that it has just seen without looking for it."""

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.translation import get_language

MOST_KNOWN = 1_000
MOST_CHARS = 200  # of an address: strangers write them
_PUBLIC = frozenset({"slug"})  # what else an address names may be somebody's own link


class SiteHandler(WSGIHandler):
    """
    Remembers which view answers which address, since most requests are for a few of them.

    Addresses that are somebody's own, by a token or a number, are asked for once or twice, and none is kept.
    All requests share the site's addresses: none has a `urlconf` of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, str | None], ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        address = request.path_info, get_language()
        found = self.known.get(address)
        if found is None:
            return self._look_up(request, address)
        request.resolver_match = found
        return found

    def _look_up(self, request: HttpRequest, address: tuple[str, str | None]) -> ResolverMatch:
        found = super().resolve_request(request)
        if not found.args and found.kwargs.keys() <= _PUBLIC and len(request.path_info) <= MOST_CHARS:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[address] = found
        return found
