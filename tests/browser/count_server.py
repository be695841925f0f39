"""A loopback site of one page: the count component as Django renders it, and a count that the test sets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

COUNT_PATH = "/api/v1/petitions/test/count"
REACHED_AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
STATIC = Path(settings.BASE_DIR) / "static"


@dataclass(frozen=True)
class Rung:
    threshold: int
    reached_at: datetime | None


@dataclass
class CountSite:
    """What the server answers next, and what it was asked."""

    count: int
    next_milestone: int | None
    milestones: list[Rung] = field(default_factory=list)
    failing: bool = False
    age_s: int = 0
    as_of: datetime = REACHED_AT
    asked_at: list[datetime] = field(default_factory=list)
    address: str = ""

    def answer(self) -> dict[str, Any]:
        reached = [
            {"threshold": rung.threshold, "reached_at": rung.reached_at.isoformat()}
            for rung in self.milestones
            if rung.reached_at
        ]
        return {
            "petition": "test",
            "count": self.count,
            "as_of": self.as_of.isoformat(),
            "next_milestone": self.next_milestone,
            "milestones": reached,
        }

    def page(self, language: str) -> str:
        with override(language):
            context = {
                "count": self.count,
                "next_milestone": self.next_milestone,
                "as_of": REACHED_AT,
                "count_url": COUNT_PATH,
            }
            hero = render_to_string("components/_count.html", context)
            ladder = [*self.milestones, Rung(self.next_milestone, None)] if self.next_milestone else self.milestones
            rows = render_to_string("components/_milestones.html", {"milestones": ladder, "count_url": COUNT_PATH})
        script = '<script type="module" src="/static/js/live-count.js"></script>'
        return f'<!doctype html><html lang="{language}"><title>Count</title>{hero}{rows}{script}</html>'


@contextmanager
def serving(site: CountSite) -> Iterator[CountSite]:
    """This function will serve the page and its count on a free loopback port until the test is done."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == COUNT_PATH:
                site.asked_at.append(datetime.now(UTC))
                self._send("application/json", json.dumps(site.answer()), status=503 if site.failing else 200)
            elif self.path.startswith("/static/"):
                self._send("text/javascript", (STATIC / self.path.removeprefix("/static/")).read_text())
            else:
                self._send("text/html; charset=utf-8", site.page(self.path.strip("/") or "en"))

        def _send(self, content_type: str, body: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Age", str(site.age_s))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()
