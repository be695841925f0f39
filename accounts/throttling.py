"""
Counting attempts in Valkey: how many there were lately from a network, of a domain, for a petition.

A help and no hindrance: while Valkey is away nothing is counted, nobody is throttled, and nobody waits for it.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.valkey import AnyPool

logger = logging.getLogger(__name__)
CONNECT_TIMEOUT_S = 0.2
ANSWER_TIMEOUT_S = 0.3
# A Valkey that hangs would cost every visitor the time-outs above: after one it is left alone for a moment.
LEFT_ALONE_S = 2.0
_left_alone_until: dict[str, float] = {}  # by address

# KEYS: of each counter its window and the one before, then what may happen once. ARGV: for how long each is kept (s).
_COUNT_UP = """
local answers = {}
for at = 1, #KEYS - 1, 2 do
    local seen = redis.call('INCR', KEYS[at])
    if seen == 1 then
        redis.call('EXPIRE', KEYS[at], ARGV[(at + 1) / 2])
    end
    answers[at] = seen
    answers[at + 1] = redis.call('GET', KEYS[at + 1])
end
if #KEYS % 2 == 1 then
    answers[#KEYS] = redis.call('SET', KEYS[#KEYS], 1, 'NX', 'EX', ARGV[#ARGV])
end
return answers
"""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What is counted, within how long. `name` holds digests, never an address."""

    name: str
    length: timedelta


@dataclass(frozen=True, kw_only=True)
class Once:
    """What may happen once within its lifetime."""

    name: str
    lifetime: timedelta


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many there were lately on each counter, in their order; and whether `once` happened for the first time."""

    recent: tuple[float, ...]
    is_first: bool = True


def count_up(*, counters: Sequence[Counter], now: datetime, once: Once | None = None) -> Counted:
    """
    This function will count one more on each counter, in one round trip.

    Returns: how many there were, this one included; 0 for each while Valkey is away.
    """

    keys = [key for counter in counters for key in _keys(counter, now)]
    lifetimes = [2 * _seconds(counter.length) for counter in counters]
    if once is not None:
        keys.append(_key(once.name))
        lifetimes.append(_seconds(once.lifetime))
    # One command: taken apart, they would cost this process more than counting costs Valkey.
    answers = _ask("EVAL", _COUNT_UP, len(keys), *keys, *lifetimes)
    if answers is None:
        return Counted(recent=(0.0,) * len(counters))
    recent = tuple(
        _recent(counter, current=answers[2 * at], before=answers[2 * at + 1], now=now)
        for at, counter in enumerate(counters)
    )
    return Counted(recent=recent, is_first=once is None or bool(answers[-1]))


def recent_count(*, counter: Counter, now: datetime) -> float:
    """This function will tell how many there were lately on a counter, without counting; 0 while Valkey is away."""
    current, before = _keys(counter, now)
    answers = _ask("MGET", current, before)
    return 0.0 if answers is None else _recent(counter, current=answers[0], before=answers[1], now=now)


def _recent(counter: Counter, *, current: Any, before: Any, now: datetime) -> float:
    """
    This function will estimate the number in the window that ends now, from the two fixed ones that it overlaps.

    A fixed window alone would let twice the limit through around its end.
    """
    if not before:
        return int(current or 0)
    length = counter.length.total_seconds()
    return int(current or 0) + int(before) * (1 - now.timestamp() % length / length)


def _keys(counter: Counter, now: datetime) -> tuple[str, str]:
    seconds = _seconds(counter.length)
    window = int(now.timestamp()) // seconds
    of_counter = _key(f"{counter.name}:{seconds}")
    return f"{of_counter}:{window}", f"{of_counter}:{window - 1}"


def _key(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:count:{name}"


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _ask(*command: str | int) -> Any:
    """This function will give a command to Valkey and return the answer, or None while it is away."""
    url = settings.CACHES["default"]["LOCATION"]
    if time.monotonic() < _left_alone_until.get(url, 0.0):
        return None
    try:
        connection = _connection(url)
        # Once more where the connection turns out to be lost.
        return connection.retry.call_with_retry(
            partial(_answer, connection, command), lambda _: connection.disconnect()
        )
    except RedisError as error:
        _left_alone_until[url] = time.monotonic() + LEFT_ALONE_S
        logger.warning("counters_unreachable", extra={"error": type(error).__name__})
        return None


def _answer(connection: Any, command: tuple[str | int, ...]) -> Any:
    connection.send_command(*command)
    return connection.read_response()


def _connection(url: str) -> Any:
    """
    This function will give a thread its own connection: borrowing one of a pool costs as much as the question.

    Returns: a redis.Connection, whose methods have no types.
    """
    if url not in _connections.by_url:
        _connections.by_url[url] = _pool(url).make_connection()
    connection = _connections.by_url[url]
    connection.connect()  # nothing, where it is connected
    return connection


class _Connections(threading.local):
    """The connections of one thread."""

    def __init__(self) -> None:
        self.by_url: dict[str, Any] = {}


_connections = _Connections()


@lru_cache(maxsize=4)
def _pool(url: str) -> ConnectionPool:
    return AnyPool.from_url(
        url,
        retry=Retry(NoBackoff(), 1),
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
    )
