"""The first level: what this process has at hand, bounded in bytes, the least recently used leaving first."""

import threading
from collections import OrderedDict

from keep4o_site.page_cache.answers import Answer
from keep4o_site.page_cache.requests import Question

_MOST_REFUSALS = 4_096


class Kept:
    """An answer with the instants, on this process's monotonic clock, until which it may be given."""

    __slots__ = ("answer", "began_at", "error_until", "fresh_until", "is_failing", "patient_until", "stale_until")

    def __init__(self, answer: Answer, *, began_at: float) -> None:
        lifetimes = answer.lifetimes
        self.answer = answer
        self.began_at = began_at
        self.fresh_until = began_at + lifetimes.fresh_s
        self.stale_until = self.fresh_until + lifetimes.while_revalidating_s
        self.error_until = self.fresh_until + lifetimes.if_error_s
        self.patient_until = 0.0  # until then nobody asks for a newer one: another process is making it, or nothing can
        self.is_failing = False

    def may_be_given_meanwhile(self, now: float) -> bool:
        """This function will say whether the old answer will do for whoever comes while a new one is made."""
        return now < (self.error_until if self.is_failing else self.stale_until)


class Memory:
    """Answers by question. Every method is safe among threads."""

    def __init__(self, *, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._bytes = 0
        self._refusals: OrderedDict[Question, float] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, question: Question) -> Kept | None:
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None:
                self._kept.move_to_end(question)
            return kept

    def put(self, question: Question, kept: Kept) -> None:
        with self._lock:
            self._take_out(question)
            self._kept[question] = kept
            self._bytes += kept.answer.size
            while self._bytes > self._most_bytes and self._kept:
                self._take_out(next(iter(self._kept)))

    def drop(self, question: Question) -> None:
        with self._lock:
            self._take_out(question)

    def refuse(self, question: Question, *, until: float) -> None:
        """This function will note that an answer was not for everybody, so that those who ask for it need not queue."""
        with self._lock:
            self._refusals[question] = until
            if len(self._refusals) > _MOST_REFUSALS:
                self._refusals.popitem(last=False)

    def is_refused(self, question: Question, *, now: float) -> bool:
        return now < self._refusals.get(question, 0.0)

    def _take_out(self, question: Question) -> None:
        kept = self._kept.pop(question, None)
        if kept is not None:
            self._bytes -= kept.answer.size
