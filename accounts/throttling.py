"""
Counting attempts in Valkey: how many there were lately from a network, of a domain, for a petition.

A help and no hindrance: while Valkey is away nothing is counted, nobody is throttled, and nobody waits for it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.valkey import AnyPool

logger = logging.getLogger(__name__)
CONNECT_TIMEOUT_S = 0.2
ANSWER_TIMEOUT_S = 0.3
# A Valkey that hangs would cost every visitor the time-outs above: after one it is left alone for a moment.
LEFT_ALONE_S = 2.0
_left_alone_until: dict[str, float] = {}  # by address


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

    def fill(pipeline: Pipeline) -> None:
        for counter in counters:
            current, before = _keys(counter, now)
            pipeline.incr(current)
            pipeline.expire(current, 2 * counter.length)
            pipeline.get(before)
        if once is not None:
            pipeline.set(_key(once.name), 1, nx=True, ex=once.lifetime)

    answers = _ask(fill)
    if answers is None:
        return Counted(recent=(0.0,) * len(counters))
    recent = tuple(
        _recent(counter, current=answers[3 * at], before=answers[3 * at + 2], now=now)
        for at, counter in enumerate(counters)
    )
    return Counted(recent=recent, is_first=once is None or bool(answers[-1]))


def recent_count(*, counter: Counter, now: datetime) -> float:
    """This function will tell how many there were lately on a counter, without counting; 0 while Valkey is away."""
    current, before = _keys(counter, now)
    answers = _ask(lambda pipeline: pipeline.mget(current, before))
    return 0.0 if answers is None else _recent(counter, current=answers[0][0], before=answers[0][1], now=now)


def _recent(counter: Counter, *, current: Any, before: Any, now: datetime) -> float:
    """
    This function will estimate the number in the window that ends now, from the two fixed ones that it overlaps.

    A fixed window alone would let twice the limit through around its end.
    """
    share_left = 1 - (now.timestamp() % counter.length.total_seconds()) / counter.length.total_seconds()
    return int(current or 0) + int(before or 0) * share_left


def _keys(counter: Counter, now: datetime) -> tuple[str, str]:
    seconds = int(counter.length.total_seconds())
    window = int(now.timestamp()) // seconds
    return _key(f"{counter.name}:{seconds}:{window}"), _key(f"{counter.name}:{seconds}:{window - 1}")


def _key(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:count:{name}"


def _ask(fill: Callable[[Pipeline], object]) -> list[Any] | None:
    """This function will send commands together, or return None while Valkey is away."""
    url = settings.CACHES["default"]["LOCATION"]
    if time.monotonic() < _left_alone_until.get(url, 0.0):
        return None
    try:
        pipeline = _client(url).pipeline(transaction=False)  # counters need not move together
        fill(pipeline)
        return list(pipeline.execute())
    except RedisError as error:
        _left_alone_until[url] = time.monotonic() + LEFT_ALONE_S
        logger.warning("counters_unreachable", extra={"error": type(error).__name__})
        return None


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    pool = AnyPool.from_url(
        url,
        retry=Retry(NoBackoff(), 1),
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
    )
    return Redis(connection_pool=pool)
