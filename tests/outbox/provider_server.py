"""The API of a mail provider on loopback: it answers as documented, refuses, stalls, and keeps what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class ProviderServer:
    """How the provider shall answer, and what it was asked. Change the fields at any time."""

    port: int = 0
    status: int = 200
    answer: dict[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0
    hangs_up: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


class _Handler(BaseHTTPRequestHandler):
    server: "_Listener"

    def do_POST(self) -> None:
        state = self.server.state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        state.paths.append(self.path)
        state.requests.append(_parsed(body, self.headers.get("Content-Type", "")))
        time.sleep(state.delay_s)
        if state.hangs_up:
            self.close_connection = True
            return
        content = json.dumps(state.answer).encode()
        self.send_response(state.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Nothing: what matters is kept in the state."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    state: ProviderServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up waiting is part of the tests."""


def _parsed(body: bytes, content_type: str) -> dict[str, Any]:
    if "json" in content_type:
        parsed: dict[str, Any] = json.loads(body)
        return parsed
    return dict(parse_qsl(body.decode()))


@contextmanager
def running_provider(state: ProviderServer) -> Iterator[ProviderServer]:
    with _Listener(("127.0.0.1", state.port), _Handler) as listener:
        listener.state = state
        state.port = listener.server_address[1]
        thread = threading.Thread(target=lambda: listener.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            listener.shutdown()
            thread.join()
