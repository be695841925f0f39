"""An answer as it is kept: its bytes, how long it may be given, and what each who asks gets of it."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from keep4o_site.page_cache.requests import Environ

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
_SECONDS = re.compile(r"(s-maxage|stale-while-revalidate|stale-if-error)=\"?(\d{1,9})\"?")
_NOT_PUBLIC = re.compile(r"\b(?:private|no-store|no-cache|must-revalidate|proxy-revalidate)\b")
_PUBLIC = re.compile(r"\bpublic\b")
_VARIES_BY_ENCODING = {"accept-encoding"}
_VARIES_BY_VISITOR = {"cookie", "authorization"}
# Of one request alone: the id in its log line, its instant, and how old another cache found it.
_OF_ONE_REQUEST = frozenset({"x-request-id", "date", "age", "connection", "keep-alive", "transfer-encoding"})
# What describes bytes that a 304 does not send.
_OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding", "content-disposition"})
_OVERHEAD_BYTES = 2_000  # an entry's headers, key and objects, roughly


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetimes:
    """How many seconds after its rendering began an answer is fresh, and may still be given while or if …"""

    fresh_s: int
    while_revalidating_s: int
    if_error_s: int

    @property
    def longest_s(self) -> int:
        return self.fresh_s + max(self.while_revalidating_s, self.if_error_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A public answer without anything that belongs to the request for which it was made."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    lifetimes: Lifetimes
    is_for_strangers_only: bool  # it says more to whoever is known: only a request that carries no cookie gets it

    @property
    def size(self) -> int:
        return len(self.body) + _OVERHEAD_BYTES

    def to_bytes(self) -> bytes:
        return json.dumps(self.headers).encode() + b"\n" + self.body

    def give(
        self, environ: Environ, start_response: StartResponse, *, age_s: float, request_id: str = ""
    ) -> Iterable[bytes]:
        """This function will answer a request: with the page, with its head alone, or that it has not changed."""
        own = [("Age", str(int(age_s)))]
        if request_id:
            own.append(("X-Request-ID", request_id))
        asked_etags = environ.get("HTTP_IF_NONE_MATCH")
        if asked_etags is not None and self._is_among(asked_etags):
            kept = [header for header in self.headers if header[0].lower() not in _OF_THE_BODY]
            start_response("304 Not Modified", kept + own)
            return ()
        start_response("200 OK", [*self.headers, *own])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.body,)

    def _is_among(self, asked_etags: str) -> bool:
        if not self.etag:
            return False
        ours = self.etag.removeprefix("W/")
        return any(one.strip().removeprefix("W/") in (ours, "*") for one in asked_etags.split(","))


def lifetimes_of(status: str, headers: Iterable[tuple[str, str]], environ: Environ) -> Lifetimes | None:
    """This function will read how long an answer may be kept; None for one that is not for everybody."""
    said = _joined(headers)
    caching = said.get("cache-control", "").lower()
    is_public = _PUBLIC.search(caching) and not _NOT_PUBLIC.search(caching)
    if not status.startswith("200 ") or not is_public or "set-cookie" in said:
        return None
    varies = _varies(said)
    if varies - _VARIES_BY_ENCODING - _VARIES_BY_VISITOR or (varies & _VARIES_BY_VISITOR and "HTTP_COOKIE" in environ):
        return None
    seconds = {name: int(number) for name, number in _SECONDS.findall(caching)}
    lifetimes = Lifetimes(
        fresh_s=seconds.get("s-maxage", 0),
        while_revalidating_s=seconds.get("stale-while-revalidate", 0),
        if_error_s=seconds.get("stale-if-error", 0),
    )
    return lifetimes if lifetimes.fresh_s > 0 else None


def answer_of(headers: Iterable[tuple[str, str]], body: bytes, *, lifetimes: Lifetimes) -> Answer:
    """This function will make of an answer to one request the one that is kept for all."""
    kept = tuple((name, value) for name, value in headers if name.lower() not in _OF_ONE_REQUEST)
    said = _joined(kept)
    if "content-length" not in said:
        kept = (*kept, ("Content-Length", str(len(body))))
    return Answer(
        headers=kept,
        body=body,
        etag=said.get("etag", ""),
        lifetimes=lifetimes,
        is_for_strangers_only=bool(_varies(said) & _VARIES_BY_VISITOR),
    )


def answer_from_bytes(kept: bytes) -> Answer | None:
    """This function will read what `Answer.to_bytes` wrote; None for what another version of it wrote."""
    head, _, body = kept.partition(b"\n")
    try:
        headers: Sequence[tuple[str, str]] = [(name, value) for name, value in json.loads(head)]
    except (ValueError, TypeError):
        return None
    lifetimes = lifetimes_of("200 OK", headers, {})
    return answer_of(headers, body, lifetimes=lifetimes) if lifetimes else None


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in headers:
        known = name.lower()
        said[known] = f"{said[known]}, {value}" if known in said else value
    return said


def _varies(said: dict[str, str]) -> set[str]:
    return {name.strip().lower() for name in said.get("vary", "").split(",") if name.strip()}
