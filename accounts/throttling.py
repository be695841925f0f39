"""
Counting attempts in Valkey: how many there were lately from a network, of a domain, for a petition.

A help and no hindrance: while Valkey is away nothing is counted, nobody is throttled, and nobody waits for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.valkey_questions import ask, begin_to_ask

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


def begin_to_count(*, counters: Sequence[Counter], now: datetime, once: Once | None = None) -> Callable[[], Counted]:
    """
    This function will count one more on each counter, in one round trip, and not wait for it.

    Returns: what waits for how many there were, this one included; 0 for each while Valkey is away. For the same thread.
    """

    keys = [key for counter in counters for key in _keys(counter, now)]
    lifetimes = [2 * _seconds(counter.length) for counter in counters]
    if once is not None:
        keys.append(_key(once.name))
        lifetimes.append(_seconds(once.lifetime))
    # One command: taken apart, they would cost this process more than counting costs Valkey.
    answers = begin_to_ask("EVAL", _COUNT_UP, len(keys), *keys, *lifetimes)
    return lambda: _counted(answers(), counters=counters, now=now, once=once)


def _counted(answers: Any, *, counters: Sequence[Counter], now: datetime, once: Once | None) -> Counted:
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
    answers = ask("MGET", current, before)
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
