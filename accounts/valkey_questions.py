"""
A question to Valkey, and time for something else until its answer is there.

A help and no hindrance: while Valkey is away there are no answers, and nobody waits for them.
"""

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswerError
from redis.retry import Retry

from accounts.valkey import AnyPool

logger = logging.getLogger(__name__)
CONNECT_TIMEOUT_S = 0.2
ANSWER_TIMEOUT_S = 0.3
# A Valkey that hangs would cost every visitor the time-outs above: after one it is left alone for a moment.
LEFT_ALONE_S = 2.0
_left_alone_until: dict[str, float] = {}  # by address
_ANSWER_TIMEVAL = struct.pack("ll", 0, int(ANSWER_TIMEOUT_S * 1_000_000))  # as socket(7) takes it


def ask(*command: str | int) -> Any:
    """This function will give a command to Valkey and return the answer, or None while it is away."""
    return begin_to_ask(*command)()


def begin_to_ask(*command: str | int) -> Callable[[], Any]:
    """
    This function will send a command to Valkey without waiting for the answer.

    Returns: what waits for it, for the same thread and before its next question; the answer, None while Valkey is away.
    """
    url = settings.CACHES["default"]["LOCATION"]
    if time.monotonic() < _left_alone_until.get(url, 0.0):
        return _no_answer
    line, is_sent = _line(url), False
    try:
        line.connect()
    except RedisError as error:
        _leave_alone(url, error)
        return _no_answer
    with suppress(RedisError):  # it is sent once more where its answer is asked for
        line.send(command)
        is_sent = True
    return partial(_answer, url, line, command, is_sent=is_sent)


def _answer(url: str, line: "_Line", command: tuple[str | int, ...], *, is_sent: bool) -> Any:
    try:
        if is_sent:
            with suppress(LostConnectionError, NoAnswerError):  # the connection may have died since it was used last
                return line.read()
        line.connect()
        line.send(command)
        return line.read()
    except RedisError as error:
        _leave_alone(url, error)
        return None


def _leave_alone(url: str, error: RedisError) -> None:
    _left_alone_until[url] = time.monotonic() + LEFT_ALONE_S
    logger.warning("counters_unreachable", extra={"error": type(error).__name__})


def _no_answer() -> None:
    return None


class _Line:
    """A thread's own connection to Valkey: borrowing one of a pool costs as much as the question."""

    def __init__(self, url: str) -> None:
        self._connection: Any = _pool(url).make_connection()
        self._connection.register_connect_callback(self._let_the_kernel_time_out)  # type: ignore[no-untyped-call]
        self._is_owed = False

    def connect(self) -> None:
        """This function will make the line ready for a question; nothing, where it is."""
        if self._is_owed:  # nobody came for the last answer, which would be taken for the next one
            self._connection.disconnect()
        self._connection.connect()

    def send(self, command: tuple[str | int, ...]) -> None:
        self._is_owed = True
        self._connection.send_command(*command)

    def read(self) -> Any:
        answer = self._connection.read_response()
        self._is_owed = False
        return answer

    def _let_the_kernel_time_out(self, connection: Any) -> None:
        """
        This function will leave the time-out of a new connection's socket to the kernel.

        Python keeps one by waiting before each call, and hands its lock to another thread for that. TLS needs Python's:
        it would begin an interrupted call anew for ever.
        """
        line: socket.socket = connection._sock  # noqa: SLF001 # the library has no option for it
        if type(line) is socket.socket:
            line.settimeout(None)
            for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                line.setsockopt(socket.SOL_SOCKET, direction, _ANSWER_TIMEVAL)


class _Lines(threading.local):
    """The lines of one thread."""

    def __init__(self) -> None:
        self.by_url: dict[str, _Line] = {}


_lines = _Lines()


def _line(url: str) -> _Line:
    if url not in _lines.by_url:
        _lines.by_url[url] = _Line(url)
    return _lines.by_url[url]


@lru_cache(maxsize=4)
def _pool(url: str) -> ConnectionPool:
    return AnyPool.from_url(
        url,
        retry=Retry(NoBackoff(), 1),
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
    )
