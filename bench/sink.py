"""
A mail server that takes everything and keeps nothing but the links: `python -m bench.sink PORT LOG [PIPE …]`.

The link of each proof mail is written as a line into one of the pipes in turn, for the load to open; the log gets a line
for each mail: the instant on the monotonic clock, and whether it brought a link.
"""

import asyncio
import os
import re
import signal
import sys
import time
from collections import deque
from pathlib import Path

from keep4o_site.stack.ports import HOST

_LINK = re.compile(rb"/[a-z]{2}/verify/[^\s/\"<>]+/")
_END = b"\r\n.\r\n"
_RETRY_S = 0.05
_LONGEST_COMMAND = 4096


class _Pipes:
    """Pipes that are never waited for: what one does not take is written when it does."""

    def __init__(self, paths: list[Path]) -> None:
        # For reading too, so that opening waits for nobody and a reader that comes late finds its lines.
        self._pipes = [os.open(path, os.O_RDWR | os.O_NONBLOCK) for path in paths]
        self._waiting: list[deque[bytes]] = [deque() for _ in paths]
        self._turn = 0

    def write(self, link: bytes) -> None:
        if self._pipes:
            self._waiting[self._turn].append(link + b"\n")
            self._flush(self._turn)
            self._turn = (self._turn + 1) % len(self._pipes)

    def flush_all(self) -> None:
        for number, waiting in enumerate(self._waiting):
            if waiting:
                self._flush(number)

    def _flush(self, number: int) -> None:
        waiting = self._waiting[number]
        try:
            while waiting:
                os.write(self._pipes[number], waiting[0])  # shorter than PIPE_BUF: whole or not at all
                waiting.popleft()
        except BlockingIOError:
            return


class _Conversation(asyncio.Protocol):
    """One client's connection: enough of RFC 5321 for Python's smtplib, and nothing more."""

    def __init__(self, pipes: _Pipes, log: "_Log") -> None:
        self._pipes, self._log = pipes, log
        self._received = bytearray()
        self._is_letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._take_letter() if self._is_letter else self._take_command():
            pass

    def _take_letter(self) -> bool:
        end = self._received.find(_END)
        if end < 0:
            return False
        found = _LINK.search(self._received, 0, end)
        if found:
            self._pipes.write(found[0])
        self._log.note(has_link=found is not None)
        del self._received[: end + len(_END)]
        self._is_letter = False
        self._transport.write(b"250 taken\r\n")
        return True

    def _take_command(self) -> bool:
        end = self._received.find(b"\r\n", 0, _LONGEST_COMMAND)
        if end < 0:
            return False
        word = bytes(self._received[:4]).upper()
        del self._received[: end + 2]
        self._is_letter = word == b"DATA"
        self._transport.write(_answer_to(word))
        if word == b"QUIT":
            self._transport.close()
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
    return b"250-sink\r\n250 8BITMIME\r\n" if word == b"EHLO" else b"250 ok\r\n"


async def _serve(port: int, log_path: Path, pipe_paths: list[Path]) -> None:
    loop = asyncio.get_running_loop()
    pipes, log = _Pipes(pipe_paths), _Log(log_path)
    told_to_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told_to_stop.set)
    server = await loop.create_server(lambda: _Conversation(pipes, log), HOST, port)
    try:
        while not told_to_stop.is_set():
            pipes.flush_all()
            await asyncio.sleep(_RETRY_S)
    finally:
        server.close()
        log.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]]))
