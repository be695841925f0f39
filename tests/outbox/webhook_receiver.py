"""A receiver of webhooks on loopback: it answers as told, stalls, dies or drips, and keeps what it was sent."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook

DEADLINE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def verify(self, secret: str) -> None:
        """This function will do what a receiver does, with the specification's own library; it goes by the real clock."""
        Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """How it shall answer; `statuses` come first, one each, then `status` for ever. Change the fields at any time."""

    port: int = 0
    scheme: str = "http"
    statuses: list[int] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    stalls: threading.Event | None = None  # answers only once it is set
    drips_every_s: float = 0.0  # writes the status line a byte at a time
    dies: bool = False  # closes the connection without an answer
    body_bytes: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}/hooks?key=hidden"

    @property
    def ids(self) -> list[str]:
        return [request.webhook_id for request in self.received]

    def wait_for(self, times: int) -> None:
        """This function will wait until so many requests have come, or fail."""
        ends_at = time.monotonic() + DEADLINE_S
        while len(self.received) < times:
            assert time.monotonic() < ends_at, f"only {len(self.received)} of {times} came"
            time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    server: "_Listener"

    def do_POST(self) -> None:
        state = self.server.state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        state.received.append(Received(method=self.command, path=self.path, headers=headers, body=body))
        time.sleep(state.delay_s)
        if state.stalls is not None:
            state.stalls.wait(DEADLINE_S)
        if state.dies:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        with suppress(OSError):
            self._answer(state)

    do_GET = do_POST  # noqa: N815 # http.server calls it so

    def _answer(self, state: Receiver) -> None:
        status = state.statuses.pop(0) if state.statuses else state.status
        if state.drips_every_s:
            for sign in f"HTTP/1.1 {status} slowly and with many words\r\n":
                self.wfile.write(sign.encode())
                time.sleep(state.drips_every_s)
        else:
            self.send_response(status)
        for name, value in state.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(state.body_bytes))
        self.end_headers()
        self.wfile.write(b"x" * state.body_bytes)

    def log_message(self, *_args: object) -> None:
        """Nothing: what matters is kept in the state."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    state: Receiver

    def get_request(self) -> tuple[socket.socket, Any]:
        self.state.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that gave up waiting is part of the tests."""


@contextmanager
def running_receiver(state: Receiver, *, certificate: Path | None = None) -> Iterator[Receiver]:
    """This function will let a receiver listen; with a certificate (and its key, in one file) over TLS."""
    with _Listener(("127.0.0.1", state.port), _Handler) as listener:
        listener.state = state
        state.port = listener.server_address[1]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            listener.socket = context.wrap_socket(listener.socket, server_side=True)
            state.scheme = "https"
        thread = threading.Thread(target=lambda: listener.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            if state.stalls is not None:
                state.stalls.set()
            listener.shutdown()
            thread.join()
