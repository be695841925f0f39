"""What staff decide now and then, and every request asks for: read once in two seconds, kept in the process."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)
KEEP_S = 2.0
T = TypeVar("T")


_all: list["Remembered[Any]"] = []


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
            self._value = self._read()
        except (InterfaceError, OperationalError) as error:
            logger.warning("switches_unreachable", extra={"error": type(error).__name__})
        self._asked_at = time.monotonic()


def forget_everything() -> None:
    """This function will make this process read anew all that it remembers: between tests."""
    for remembered in _all:
        remembered.forget()
