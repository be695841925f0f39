"""
A mail server that takes everything and keeps nothing but the links: `python -m bench.sink PORT LOG [PIPE MOST_DELAY_S]`.

The link of each proof mail comes out of the pipe as a record of fixed length, so that any number of readers take whole
ones: the instant at which its person opens it, and the link. People open their mail at different times, here evenly spread
over the delay after its arrival. The log gets a line for each mail: its instant, and whether it brought a link. Instants
are on the monotonic clock.
"""

import asyncio
import os
import random
import re
import signal
import sys
import time
from collections import deque
from pathlib import Path

from keep4o_site.stack.ports import HOST

_LINK = re.compile(rb"/[a-z]{2}/verify/[^\s/\"<>]+/")
_END = b"\r\n.\r\n"
RECORD_BYTES = 256
_RETRY_S = 0.05
_LONGEST_COMMAND = 4096


class _People:
    """Those who got a link: each opens it when their time has come. The pipe is never waited for."""

    def __init__(self, pipe: Path, most_delay_s: float) -> None:
        # For reading too, so that opening waits for nobody and a reader that comes late finds its records.
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self._most_delay_s = most_delay_s
        self._ready: deque[bytes] = deque()

    def get(self, link: bytes) -> None:
        opens_at = time.monotonic() + random.uniform(0, self._most_delay_s)
        record = b"%.6f %s" % (opens_at, link)
        loop = asyncio.get_running_loop()
        loop.call_later(opens_at - time.monotonic(), self._open, record.ljust(RECORD_BYTES - 1) + b"\n")

    def write_ready(self) -> None:
        """This function will write what the pipe takes."""
        try:
            while self._ready:
                os.write(self._pipe, self._ready[0])  # shorter than PIPE_BUF: whole or not at all
                self._ready.popleft()
        except BlockingIOError:
            return

    def _open(self, record: bytes) -> None:
        self._ready.append(record)
        self.write_ready()


class _Conversation(asyncio.Protocol):
    """One client's connection: enough of RFC 5321 for Python's smtplib, and nothing more."""

    def __init__(self, people: _People | None, log: "_Log") -> None:
        self._people, self._log = people, log
        self._received = bytearray()
        self._answers = bytearray()
        self._is_letter = self._is_leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._take_letter() if self._is_letter else self._take_command():
            pass
        self._transport.write(bytes(self._answers))  # at once, as a mail server answers what came at once (RFC 2920)
        self._answers.clear()
        if self._is_leaving:
            self._transport.close()

    def _take_letter(self) -> bool:
        end = self._received.find(_END)
        if end < 0:
            return False
        found = _LINK.search(self._received, 0, end)
        if found and self._people:
            self._people.get(found[0])
        self._log.note(has_link=found is not None)
        del self._received[: end + len(_END)]
        self._is_letter = False
        self._answers += b"250 taken\r\n"
        return True

    def _take_command(self) -> bool:
        end = self._received.find(b"\r\n", 0, _LONGEST_COMMAND)
        if end < 0:
            return False
        word = bytes(self._received[:4]).upper()
        del self._received[: end + 2]
        self._is_letter = word == b"DATA"
        self._answers += _answer_to(word)
        self._is_leaving = word == b"QUIT"
        return True


class _Log:
    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1 << 16)

    def note(self, *, has_link: bool) -> None:
        self._file.write(f"{time.monotonic():.4f} {int(has_link)}\n")

    def close(self) -> None:
        self._file.close()


def _answer_to(word: bytes) -> bytes:
    if word == b"DATA":
        return b"354 go on\r\n"
    if word == b"QUIT":
        return b"221 bye\r\n"
    return b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n" if word == b"EHLO" else b"250 ok\r\n"


async def _serve(port: int, log_path: Path, people: _People | None) -> None:
    loop = asyncio.get_running_loop()
    log = _Log(log_path)
    told_to_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told_to_stop.set)
    server = await loop.create_server(lambda: _Conversation(people, log), HOST, port)
    try:
        while not told_to_stop.is_set():
            if people:
                people.write_ready()
            await asyncio.sleep(_RETRY_S)
    finally:
        server.close()
        log.close()


def _people_of(words: list[str]) -> _People | None:
    return _People(Path(words[0]), float(words[1])) if words else None


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), _people_of(sys.argv[3:])))
