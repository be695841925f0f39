"""A WSGI application that answers what a test says, caches in front of it, and visitors who ask them."""

import io
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from redis import Redis

from keep4o_site.page_cache import PageCache
from keep4o_site.page_cache.shared import SharedPages
from keep4o_site.page_cache.tally import Tally

PUBLIC = "public, max-age=0, s-maxage=2, stale-while-revalidate=30, stale-if-error=600"
NOWHERE = "unix:///nowhere/valkey.sock"


@dataclass(kw_only=True)
class Got:
    """What a visitor received."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def age(self) -> int:
        return int(self.headers["Age"])


@dataclass(kw_only=True)
class Site:
    """A WSGI application in Django's place: counts what it is asked, and answers as the test says."""

    caching: str = PUBLIC
    status: str = "200 OK"
    body: Callable[[int], bytes] = lambda number: f"page {number}".encode()
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("Vary", "Accept-Encoding"), ("ETag", '"abc"')])
    takes_s: float = 0.0
    fails: bool = False
    is_stream: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._lock:
            self.asked.append(environ)
            number = len(self.asked)
        time.sleep(self.takes_s)
        if self.fails:
            raise RuntimeError("nobody foresaw it")
        body = self.body(number)
        headers = [("Content-Type", "text/plain"), ("X-Request-ID", f"request-{number}"), *self.headers]
        if self.caching:
            headers.append(("Cache-Control", self.caching))
        if not self.is_stream:
            headers.append(("Content-Length", str(len(body))))
        start_response(self.status, headers)
        return [body]

    @property
    def renderings(self) -> int:
        return len(self.asked)


class Valkey:
    """The Valkey of the tests, of which one test sees its own pages only."""

    def __init__(self) -> None:
        self.prefix = f"test-pages-{uuid.uuid4().hex}"
        self.client = Redis.from_url(settings.REDIS_URL)

    def keys(self, kind: str) -> list[bytes]:
        return list(self.client.scan_iter(f"{self.prefix}:*:{kind}", count=10_000))

    def age_pages(self, seconds: float) -> None:
        """This function will make every page older, as if so much time had passed."""
        for key in self.keys("page"):
            self.client.pexpire(key, max(1, self.client.pttl(key) - int(seconds * 1000)))

    def close(self) -> None:
        for kind in ("page", "claim", "figures"):
            for key in self.keys(kind):
                self.client.delete(key)
        self.client.delete(f"{self.prefix}:figures")
        self.client.close()


def make_cache(site: Any, *, valkey: Valkey | None = None, **limits: int) -> PageCache:
    """This function will put a cache in front of a site as a new process would; without Valkey it is one alone."""
    tally = Tally()
    prefix = valkey.prefix if valkey else "test-alone"
    url = settings.REDIS_URL if valkey else NOWHERE
    shared = SharedPages(url=url, prefix=prefix, figures=f"{prefix}:figures", tally=tally)
    return PageCache(site, shared=shared, tally=tally, **{"most_bytes": 10**7, "most_page_bytes": 10**6, **limits})


def visit(
    cache: Any, path: str = "/en/", *, method: str = "GET", query: str = "", host: str = "localhost", **headers: str
) -> Got:
    """This function will ask for a page; headers by their names, as in `if_none_match`."""
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        heard.update(status=int(status[:3]), headers=dict(headers))

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    answer = cache(environ, start_response)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return Got(body=body, **heard)


def visit_at_once(caches: list[PageCache], *, visitors: int, **asked: Any) -> list[Got]:
    """This function will let many visitors ask in the same instant, spread over some processes."""
    gate = threading.Barrier(visitors)

    def go(number: int) -> Got:
        gate.wait()
        return visit(caches[number % len(caches)], **asked)

    with ThreadPoolExecutor(max_workers=visitors) as people:
        return list(people.map(go, range(visitors)))
