"""How a process comes to a newer page: from everybody's level, from whoever is making it, or from Django."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from keep4o_site.page_cache.answers import Headers, Lifetimes, StartResponse, answer_of, lifetimes_of
from keep4o_site.page_cache.memory import Kept, Memory
from keep4o_site.page_cache.requests import Environ, Question, plain_environ
from keep4o_site.page_cache.shared import SharedPages
from keep4o_site.page_cache.tally import Outcome

Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# How long a request waits for a page that another one makes before it has its own made: longer than any page takes.
WAIT_S = 3.0
# While another process makes the page, this one does not ask after it with each request.
PATIENCE_S = 0.05
# After a failure the old page is given for so long before the next request has to try.
PATIENCE_AFTER_ERROR_S = 1.0
REFUSAL_S = 10.0  # for how long a question whose answer is not everybody's is passed to Django without queueing
# The two clocks that told the age of one and the same page differ by less, those of two pages by more.
_SAME_PAGE_S = 0.1


@dataclass(kw_only=True)
class Heard:
    """What an application said by start_response, and the body that it returned."""

    status: str = ""
    headers: Headers = field(default_factory=list)
    body: Iterable[bytes] = ()

    def __call__(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:  # noqa: ARG002
        self.status, self.headers = status, headers
        return _write_nothing

    def read(self) -> bytes:
        try:
            return b"".join(self.body)
        finally:
            self.close()

    def close(self) -> None:
        close = getattr(self.body, "close", None)
        if close is not None:
            close()

    def header(self, name: str) -> str:
        return next((value for said, value in self.headers if said.lower() == name), "")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A page that may be given to everybody; `request_id` where Django has just answered this very request with it."""

    kept: Kept
    outcome: Outcome
    request_id: str = ""


class PageMaker:
    """Makes pages for one process, knowing what the others do."""

    def __init__(self, application: Application, *, memory: Memory, shared: SharedPages, most_page_bytes: int) -> None:
        self._application = application
        self._memory, self._shared = memory, shared
        self._most_page_bytes = most_page_bytes

    def make(self, question: Question, environ: Environ) -> Made | Heard:
        """This function will find or make the page; Heard is Django's answer where it is this one visitor's only."""
        kept = self._memory.get(question)
        if kept is not None and (given := _given_meanwhile(kept)):
            return given
        claim = self._shared.claim(question)
        if claim.kept is not None and (kept is None or claim.kept.began_at > kept.began_at + _SAME_PAGE_S):
            kept = claim.kept
            self._memory.put(question, kept)
            if time.monotonic() < kept.fresh_until:
                if claim.is_ours:
                    self._shared.release(question)
                return Made(kept=kept, outcome=Outcome.SHARED)
        return self._render(question, environ, kept) if claim.is_ours else self._take_theirs(question, environ, kept)

    def _take_theirs(self, question: Question, environ: Environ, kept: Kept | None) -> Made | Heard:
        """This function will leave the page to the process that is making it: give the old one, or wait."""
        now = time.monotonic()
        if kept is not None and kept.may_be_given_meanwhile(now):
            kept.patient_until = now + PATIENCE_S
            return _old(kept)
        theirs = self._shared.wait_for(question, until=now + WAIT_S)
        if theirs is None:
            return self._render(question, environ, kept)
        self._memory.put(question, theirs)
        return Made(kept=theirs, outcome=Outcome.COLLAPSED)

    def _render(self, question: Question, environ: Environ, old: Kept | None) -> Made | Heard:
        began_at = time.monotonic()  # what happens from here on may be missing in the page
        heard = Heard()
        try:
            heard.body = self._application(plain_environ(environ, question), heard)
        except Exception:
            self._shared.release(question)
            if (rescued := _rescued(old)) is not None:
                return rescued
            raise
        lifetimes = self._lifetimes(heard, environ)
        if lifetimes is not None:
            return self._keep(question, heard, lifetimes, began_at=began_at)
        return self._refuse(question, heard, old)

    def _lifetimes(self, heard: Heard, environ: Environ) -> Lifetimes | None:
        length = heard.header("content-length")  # a stream has none, and may be longer than any memory
        if not length.isdecimal() or int(length) > self._most_page_bytes:
            return None
        return lifetimes_of(heard.status, heard.headers, environ)

    def _keep(self, question: Question, heard: Heard, lifetimes: Lifetimes, *, began_at: float) -> Made:
        kept = Kept(answer_of(heard.headers, heard.read(), lifetimes=lifetimes), began_at=began_at)
        self._memory.put(question, kept)
        self._shared.publish(question, kept)
        return Made(kept=kept, outcome=Outcome.RENDERED, request_id=heard.header("x-request-id"))

    def _refuse(self, question: Question, heard: Heard, old: Kept | None) -> Made | Heard:
        if heard.status.startswith("5"):
            self._shared.release(question)
            if (rescued := _rescued(old)) is not None:
                heard.close()
                return rescued
            return heard
        # It was everybody's and is so no more (a petition taken back, a story withdrawn), or never was.
        self._shared.take_back(question)
        self._memory.drop(question)
        self._memory.refuse(question, until=time.monotonic() + REFUSAL_S)
        return heard


def _given_meanwhile(kept: Kept) -> Made | None:
    now = time.monotonic()
    if now < kept.fresh_until:  # made between this request's first look and its turn
        return Made(kept=kept, outcome=Outcome.HIT)
    return _old(kept) if now < kept.patient_until and kept.may_be_given_meanwhile(now) else None


def _rescued(old: Kept | None) -> Made | None:
    now = time.monotonic()
    if old is None or now >= old.error_until:
        return None
    old.is_failing, old.patient_until = True, now + PATIENCE_AFTER_ERROR_S
    return _old(old)


def _old(kept: Kept) -> Made:
    return Made(kept=kept, outcome=Outcome.RESCUED if kept.is_failing else Outcome.STALE)


def _write_nothing(_text: bytes) -> None:
    raise NotImplementedError("Django returns its answers, it does not write them")
