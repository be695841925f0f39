"""How the cache does: a number for each way in which a request was answered, never a line in the log for each hit."""

import threading
from collections import Counter
from enum import StrEnum


class Outcome(StrEnum):
    HIT = "hit"  # fresh, from this process's memory
    SHARED = "shared"  # fresh, another process had made it
    STALE = "stale"  # the old one, while a new one was being made
    COLLAPSED = "collapsed"  # waited for the one that was being made
    RENDERED = "rendered"  # made by Django, and kept
    RESCUED = "rescued"  # the old one, since making a new one failed
    PASSED = "passed"  # not for everybody, or not ours to keep: Django answered


class Tally:
    """Numbers of this process that have not been added to everybody's yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owed: Counter[str] = Counter()

    def count(self, outcome: Outcome) -> None:
        with self._lock:
            self._owed[outcome] += 1

    def take(self) -> Counter[str]:
        """This function will hand out what is owed, and owe it no more."""
        with self._lock:
            owed, self._owed = self._owed, Counter()
        return owed

    def give_back(self, owed: Counter[str]) -> None:
        """This function will owe again what could not be added."""
        with self._lock:
            self._owed.update(owed)
