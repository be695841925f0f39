"""What a request asks for, as far as answers differ by it; and whether a kept answer may be its answer at all."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Environ = dict[str, Any]
# What advertisements and mailings add to addresses to follow people; it changes no page, and none shall repeat it.
_TRACKING = re.compile(
    r"(?:utm_\w+|_ga|_gl|_hsenc|_hsmi|dclid|epik|fbclid|gbraid|gclid|gclsrc|igsh|igshid|li_fat_id|mc_cid|mc_eid|mkt_tok|"
    r"msclkid|rdt_cid|ref_src|srsltid|ttclid|twclid|vero_id|wbraid|wickedid|yclid)(?:=|$)",
    re.ASCII | re.IGNORECASE,
)
# Secret links and rooms of staff, which nobody may ever keep, whatever an answer said by mistake; and what has its own
# ways: static files, which the browser checks itself, and what machines ask.
_NEVER_KEPT = re.compile(
    r"/(?:[a-z]{2}(?:-[a-z]+)?/)?(?:accounts|admin|anymail|confirm-story|dev|healthz|metrics|moderate|my-signature|my-story|organise|"
    r"readyz|static|unsubscribe|verify)(?:/|$)"
)
# A conditional or partial question must not become the page of everybody else.
_CONDITIONS = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)


class Question(NamedTuple):
    """Everything on which the answer to a stranger may depend: two requests of one question get one answer."""

    scheme: str
    host: str
    path: str
    query: str
    takes_gzip: bool


class Asking:
    """Reads requests, by the site's settings at the start of the process."""

    def __init__(self) -> None:
        self._session = f"{settings.SESSION_COOKIE_NAME}="
        self._allowed_hosts = list(settings.ALLOWED_HOSTS)
        self._proxy_header = settings.SECURE_PROXY_SSL_HEADER

    def question(self, environ: Environ) -> Question | None:
        """This function will say what a request asks; None for whoever is known to us, and whoever wants a change."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        if self._session in environ.get("HTTP_COOKIE", ""):
            return None
        query = environ.get("QUERY_STRING", "")
        return Question(
            self._scheme(environ),
            environ.get("HTTP_HOST", ""),
            environ["PATH_INFO"],
            _without_tracking(query) if query else "",
            _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )

    def is_never_kept(self, question: Question) -> bool:
        """This function will say whether an answer may never be kept: for a host that is not ours, and secret links."""
        return _NEVER_KEPT.match(question.path) is not None or not self._is_ours(question.host)

    def _is_ours(self, host: str) -> bool:
        domain = split_domain_port(host)[0]
        return bool(domain) and validate_host(domain, self._allowed_hosts)

    def _scheme(self, environ: Environ) -> str:
        if self._proxy_header is None:
            return str(environ["wsgi.url_scheme"])
        header, https = self._proxy_header
        said: str = environ.get(header, "")
        return "https" if said.split(",", 1)[0].strip() == https else "http"


def plain_environ(environ: Environ, question: Question) -> Environ:
    """This function will make of a request the one in whose place the answer is rendered for all that ask the same."""
    plain = {name: value for name, value in environ.items() if name not in _CONDITIONS}
    plain["REQUEST_METHOD"] = "GET"
    plain["QUERY_STRING"] = question.query
    plain["HTTP_ACCEPT_ENCODING"] = "gzip" if question.takes_gzip else "identity"
    return plain


@lru_cache(maxsize=512)
def _takes_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return re.fullmatch(r"\s*q\s*=\s*0(?:\.0*)?\s*", weight) is None
    return False


@lru_cache(maxsize=1024)
def _without_tracking(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _TRACKING.match(pair))
