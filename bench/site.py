"""The measured site: the product's own processes with the settings of production, on engines of its own."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench import filling
from keep4o_site.stack.application import Application, wait_for_web
from keep4o_site.stack.children import Child, Program, start, wait_until
from keep4o_site.stack.places import Places
from keep4o_site.stack.ports import HOST, any_free_port, is_free
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.virtualenv import PYTHON

# As production sets it: a connection for each of the web server's threads (docs/operating.md, «Processes»).
_POOL_SIZE = 4
_START_TIMEOUT_S = 30
_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What one GET was answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Site:
    """The web server, and on demand a worker, a mail server that keeps nothing and further web servers."""

    def __init__(self, *, places: Places, family: Family, env: Mapping[str, str]) -> None:
        self.places, self.env = places, env
        self.port = urlsplit(env["SITE_URL"]).port or 0
        self._family = family
        self._workers: list[Child] = []
        self._sinks: list[Child] = []
        self.web = self._start_web(env, self.port)

    # --- processes ----------------------------------------------------------------------------------------------------
    def start_worker(self) -> None:
        """This function will start what ./run starts beside the web server: the clock and all who do what it asks for."""
        application = Application(places=self.places, env=self.env)
        self._workers.extend(map(self._adopt, (application.worker(), application.counter())))

    def stop_worker(self) -> None:
        for worker in self._workers:
            self.stop(worker)
        self._workers.clear()

    def worker_pid(self, number: int = 0) -> int | None:
        """This function will return the process of the worker, or of the one that only counts."""
        return self._workers[number].process.pid if number < len(self._workers) else None

    @property
    def sink_pid(self) -> int | None:
        return self._sinks[0].process.pid if self._sinks else None

    def start_sink(self, pipe: Path | None = None, *, most_delay_s: float = 0) -> None:
        """This function will start the mail server; whoever gets a link opens it by the pipe, up to so much later."""
        port = int(self.env["EMAIL_PORT"])
        log = self.places.var / "mails.log"
        people = (str(pipe), str(most_delay_s)) if pipe else ()
        command: list[str | Path] = [PYTHON, "-m", "bench.sink", str(port), log, *people]
        web = Application(places=self.places, env=self.env).web(self.port)
        sink = self._adopt(replace(web, name="The mail sink", log=self.places.logs / "sink.log", command=command))
        self._sinks.append(sink)
        wait_until(lambda: not is_free(port), child=sink, timeout_s=_START_TIMEOUT_S)

    def stop_sink(self) -> None:
        for sink in self._sinks:
            self.stop(sink)
        self._sinks.clear()

    @contextlib.contextmanager
    def another_web(self, entry: str, env: Mapping[str, str]) -> Iterator["OtherWeb"]:
        """This function will run one more server with the very options of the site's, over another WSGI entry."""
        port = any_free_port()
        site_url = f"http://{HOST}:{port}"
        child = self._start_web({**self.env, "SITE_URL": site_url, **env}, port, entry=entry)
        try:
            yield OtherWeb(port=port, pid=child.process.pid)
        finally:
            self.stop(child)

    def stop(self, child: Child) -> None:
        child.stop()
        self._family.disown(child)

    # --- questions ----------------------------------------------------------------------------------------------------
    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return get(port=self.port, path=path, headers=headers)

    def carried_fields(self) -> str:
        """This function will return what the petition's form carries beside a person's words, as a browser sends it."""
        page = self.get(filling.PETITION_PATH).body.decode()
        inputs = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(page)]
        carried = {tag["name"]: unescape(tag.get("value", "")) for tag in inputs if tag.get("name")}
        return urlencode({name: carried[name] for name in ("homepage", "form_token") if name in carried})

    # --- inside -------------------------------------------------------------------------------------------------------
    def _start_web(self, env: Mapping[str, str], port: int, entry: str = "") -> Child:
        pooled = {**env, "DATABASE_POOL_SIZE": str(_POOL_SIZE)}
        program = Application(places=self.places, env=pooled).web(port)
        if entry:
            log = self.places.logs / f"web-{port}.log"
            program = replace(program, command=(*program.command[:-1], entry), log=log)
        child = self._adopt(program)
        wait_for_web(child, port)
        return child

    def _adopt(self, program: Program) -> Child:
        return self._family.adopt(start(program))


@dataclass(frozen=True)
class OtherWeb:
    """A server beside the site's own."""

    port: int
    pid: int


def get(*, port: int, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """This function will ask once, over a connection of its own, and read the answer to its end."""
    connection = HTTPConnection(HOST, port, timeout=120)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response: HTTPResponse = connection.getresponse()
        return Answer(status=response.status, headers=response.getheaders(), body=response.read())
    finally:
        connection.close()
