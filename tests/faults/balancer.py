"""
A small balancer on loopback, as HAProxy or nginx stand before several web servers.

It asks each server whether it is ready, gives each request to the next one that is, and tries another where a server
has not taken it. A POST that a server may have begun is not sent twice: whoever sent it is told 502, and presses again.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from keep4o_site.stack.ports import HOST

LOOK_EVERY_S = 0.25
LOOK_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 4.0
_REFUSAL = "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_LOOK = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class Balancer:
    """Requests of one connection each; runs in a thread of its own."""

    def __init__(self, ports: list[int]) -> None:
        self.ready = dict.fromkeys(ports, False)
        self.port = 0
        self._turn = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def serve(self, is_over: asyncio.Event, is_up: threading.Event) -> None:
        server = await asyncio.start_server(self._answer, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        looks = asyncio.gather(*map(self._look_after, self.ready))
        is_up.set()
        async with server:
            await is_over.wait()
        looks.cancel()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(looks, *left, return_exceptions=True)

    async def _look_after(self, port: int) -> None:
        while True:
            try:
                answer = await asyncio.wait_for(_exchange(port, _LOOK), LOOK_TIMEOUT_S)
            except (OSError, TimeoutError):
                answer = b""
            self.ready[port] = answer.startswith(b"HTTP/1.1 200")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(await self._pass_on(await _request(reader)))
            await writer.drain()
        writer.close()

    async def _pass_on(self, request: bytes) -> bytes:
        may_be_repeated = request.startswith((b"GET ", b"HEAD "))
        for port in self._in_turn():
            try:
                answer = await asyncio.wait_for(_exchange(port, request), ANSWER_TIMEOUT_S)
            except ConnectionRefusedError:
                self.ready[port] = False
                continue  # nothing was sent
            except (OSError, TimeoutError):
                answer = b""
            if answer:
                return answer
            if not may_be_repeated:
                return _REFUSAL.format(status="502 Bad Gateway").encode()
        return _REFUSAL.format(status="503 Service Unavailable").encode()

    def _in_turn(self) -> list[int]:
        ports = [port for port, is_ready in self.ready.items() if is_ready]
        self._turn += 1
        at = self._turn % len(ports) if ports else 0
        return ports[at:] + ports[:at]


@contextlib.contextmanager
def balancing(ports: list[int]) -> Iterator[Balancer]:
    """This function will run a balancer before the servers on some ports."""
    balancer, is_up = Balancer(ports), threading.Event()
    loop, is_over = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=[balancer.serve(is_over, is_up)])
    thread.start()
    try:
        assert is_up.wait(5)
        yield balancer
    finally:
        loop.call_soon_threadsafe(is_over.set)
        thread.join()
        loop.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body = await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
    return head + body


async def _exchange(port: int, request: bytes) -> bytes:
    """This function will send a request and read its whole answer; b"" if the server went away before the end of it."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        await writer.drain()
        return _whole(await reader.read(-1))
    finally:
        writer.close()


def _whole(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    is_whole = bool(head) and (not lengths or len(body) >= int(lengths[0].partition(b":")[2]))
    return answer if is_whole else b""
