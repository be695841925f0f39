"""The WSGI application in front of Django: gives what it has at once, and lets each page be made once."""

import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from keep4o_site.page_cache.answers import StartResponse
from keep4o_site.page_cache.flights import Flight, Flights
from keep4o_site.page_cache.making import WAIT_S, Application, Heard, Made, PageMaker
from keep4o_site.page_cache.memory import Kept, Memory
from keep4o_site.page_cache.requests import Asking, Environ, Question
from keep4o_site.page_cache.shared import SharedPages
from keep4o_site.page_cache.tally import Outcome, Tally

_FIGURES_EVERY_S = 1.0


class PageCache:
    """Django behind its cache; see docs/decisions/0020."""

    def __init__(
        self, application: Application, *, shared: SharedPages, tally: Tally, most_bytes: int, most_page_bytes: int
    ) -> None:
        self.memory = Memory(most_bytes=most_bytes)
        self._application = application
        self._question = Asking().question
        self._is_never_kept = Asking().is_never_kept
        self._shared, self._tally = shared, tally
        self._flights = Flights()
        self._maker = PageMaker(application, memory=self.memory, shared=shared, most_page_bytes=most_page_bytes)
        self._figures_at = 0.0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        question = self._question(environ)
        if question is None:
            return self._pass(environ, start_response)
        now = time.monotonic()
        kept = self.memory.get(question)
        if kept is None or now >= kept.fresh_until:
            return self._answer_anew(question, environ, start_response)
        return self._give(kept, Outcome.HIT, environ, start_response)

    def figures(self) -> dict[str, int] | None:
        """This function will say how many requests were answered in which way, by all processes; None without Valkey."""
        return self._shared.add_figures()

    def _answer_anew(self, question: Question, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        now = time.monotonic()
        if self.memory.is_refused(question, now=now) or self._is_never_kept(question):
            return self._pass(environ, start_response)
        self._add_figures(now)
        flight, is_ours = self._flights.join(question)
        if not is_ours:
            return self._follow(question, flight, environ, start_response)
        try:
            made = self._maker.make(question, environ)
            if isinstance(made, Made):
                flight.kept = made.kept
        finally:
            self._flights.land(question, flight)
        return self._give_made(made, environ, start_response)

    def _follow(
        self, question: Question, flight: Flight, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """This function will give the old page while it will do, else the one that another thread is making."""
        kept = self.memory.get(question)
        if kept is not None and kept.may_be_given_meanwhile(time.monotonic()):
            return self._give(kept, Outcome.RESCUED if kept.is_failing else Outcome.STALE, environ, start_response)
        kept = flight.wait(WAIT_S)
        if kept is None:
            return self._pass(environ, start_response)
        return self._give(kept, Outcome.COLLAPSED, environ, start_response)

    def _give_made(self, made: Made | Heard, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if isinstance(made, Made):
            return self._give(made.kept, made.outcome, environ, start_response, request_id=made.request_id)
        self._tally.count(Outcome.PASSED)
        start_response(made.status, made.headers)
        if environ["REQUEST_METHOD"] != "HEAD":
            return made.body
        made.close()
        return ()

    def _give(
        self,
        kept: Kept,
        outcome: Outcome,
        environ: Environ,
        start_response: StartResponse,
        *,
        request_id: str = "",
    ) -> Iterable[bytes]:
        if kept.answer.is_for_strangers_only and "HTTP_COOKIE" in environ:
            return self._pass(environ, start_response)
        self._tally.count(outcome)
        age_s = time.monotonic() - kept.began_at
        return kept.answer.give(environ, start_response, age_s=age_s, request_id=request_id)

    def _pass(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self._tally.count(Outcome.PASSED)
        return self._application(environ, start_response)

    def _add_figures(self, now: float) -> None:
        if now >= self._figures_at:
            self._figures_at = now + _FIGURES_EVERY_S
            self._shared.add_figures()


def site_behind_its_cache(application: Application) -> Application:
    """This function will put the cache in front of Django, unless the settings turn it off."""
    if not settings.PAGE_CACHE_MB:
        return application
    return PageCache(
        application,
        shared=site_pages(),
        tally=_site_tally(),
        most_bytes=settings.PAGE_CACHE_MB * 1024 * 1024,
        most_page_bytes=settings.PAGE_CACHE_MOST_PAGE_BYTES,
    )


@lru_cache(maxsize=1)
def site_pages() -> SharedPages:
    """This function will name this process's way to the pages of all processes."""
    cache = settings.CACHES["default"]
    prefix = f"{cache['KEY_PREFIX']}:pages"
    return SharedPages(
        url=cache["LOCATION"], prefix=f"{prefix}:{_release()}", figures=f"{prefix}:figures", tally=_site_tally()
    )


@lru_cache(maxsize=1)
def _site_tally() -> Tally:
    return Tally()


def _release() -> str:
    """This function will tell releases apart, so that no page of an old one names files that the new one lacks."""
    if manifest := getattr(staticfiles_storage, "manifest_hash", ""):
        return str(manifest)
    # In development a template that was changed shows after a restart.
    changed = max(file.stat().st_mtime_ns for folder in _FOLDERS for file in (settings.BASE_DIR / folder).rglob("*.*"))
    return f"{changed:x}"


_FOLDERS: tuple[str | Path, ...] = ("templates", "petitions", "campaigns", "testimonials", "keep4o_site", "locale")
