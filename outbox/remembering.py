"""What staff decide now and then, and every request asks for: read once in two seconds, kept in the process."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from django.db import InterfaceError, OperationalError

from outbox.replica import reading_the_primary

logger = logging.getLogger(__name__)
KEEP_S = 2.0
K = TypeVar("K")
T = TypeVar("T")


class _Memory(Protocol):
    def forget(self) -> None: ...


_all: list[_Memory] = []


class Remembered(Generic[T]):
    """
    A value of the database that each process reads again at most every KEEP_S seconds of the monotonic clock.

    While the database is away it stays what it was: a switch that staff have put on does not go off by an outage.
    """

    def __init__(self, *, read: Callable[[], T], unknown: T) -> None:
        self._read, self._unknown = read, unknown
        self._lock = threading.Lock()
        self.forget()
        _all.append(self)

    def value(self) -> T:
        if self._is_fresh():
            return self._value
        with self._lock:  # one thread asks, the others take its answer
            if not self._is_fresh():
                self._ask()
        return self._value

    def forget(self) -> None:
        self._value, self._asked_at = self._unknown, -KEEP_S

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._asked_at < KEEP_S

    def _ask(self) -> None:
        try:
            with reading_the_primary():
                self._value = self._read()
        except (InterfaceError, OperationalError) as error:
            logger.warning("switches_unreachable", extra={"error": type(error).__name__})
        self._asked_at = time.monotonic()


class RememberedEach(Generic[K, T]):
    """
    Values of the database by key, each of them read again at most every `keep_s` seconds: what a petition asks, say.

    What is not there is not remembered: names that somebody invents must not fill the memory. Of what is there, the
    newest MOST_KEPT stay. While the database is away a value stays what it was.
    """

    MOST_KEPT = 256

    def __init__(self, *, read: Callable[[K], T], keep_s: float = KEEP_S) -> None:
        self._read, self._keep_s = read, keep_s
        self._lock = threading.Lock()
        self._kept: dict[K, tuple[T, float]] = {}
        _all.append(self)

    def value(self, key: K) -> T:
        """This function will give the value of a key, or raise what reading it raises."""
        found = self._fresh(key)
        if found is None:
            with self._lock:  # one thread asks, the others take its answer
                found = self._fresh(key) or self._ask(key)
        return found[0]

    def forget(self) -> None:
        self._kept.clear()

    def _fresh(self, key: K) -> tuple[T, float] | None:
        found = self._kept.get(key)
        return found if found is not None and time.monotonic() - found[1] < self._keep_s else None

    def _ask(self, key: K) -> tuple[T, float]:
        before = self._kept.pop(key, None)
        try:
            with reading_the_primary():
                found = (self._read(key), time.monotonic())
        except (InterfaceError, OperationalError) as error:
            if before is None:
                raise
            logger.warning("remembered_unreachable", extra={"error": type(error).__name__})
            found = (before[0], time.monotonic())
        while len(self._kept) >= self.MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = found
        return found


def forget_everything() -> None:
    """This function will make this process read anew all that it remembers: between tests."""
    for remembered in _all:
        remembered.forget()
