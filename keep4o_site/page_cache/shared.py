"""
The second level: pages in Valkey for all processes of all machines, and who of them makes the next one.

A help and no hindrance: while Valkey is away every process makes its own pages, and nobody waits for it. The age of a
page is told by the time that Valkey has left to it, so that no two clocks are compared.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.valkey import AnyPool
from keep4o_site.page_cache.answers import answer_from_bytes
from keep4o_site.page_cache.memory import Kept
from keep4o_site.page_cache.requests import Question
from keep4o_site.page_cache.tally import Tally

logger = logging.getLogger(__name__)
CONNECT_TIMEOUT_S = 0.2
ANSWER_TIMEOUT_S = 0.3
LEFT_ALONE_S = 2.0  # after a time-out, so that a Valkey that hangs costs one request of many
CLAIM_LIFETIME_S = 5.0  # longer than a page takes; a process that dies over one holds the others up no longer
_LOOK_AGAIN_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What everybody's level holds, and whether the asking process is the one to make the next page."""

    kept: Kept | None
    is_ours: bool


class SharedPages:
    """One Valkey; `prefix` parts sites and releases."""

    def __init__(self, *, url: str, prefix: str, figures: str, tally: Tally) -> None:
        self._prefix, self._figures, self._tally = prefix, figures, tally
        self._left_alone_until = 0.0
        pool = AnyPool.from_url(
            url,
            retry=Retry(NoBackoff(), 1),
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=ANSWER_TIMEOUT_S,
        )
        self._client = Redis(connection_pool=pool)

    def claim(self, question: Question) -> Claim:
        """This function will look for a page and, at once, claim to make it if nobody does. Without Valkey it is ours."""
        page, lock = self._names(question)

        def fill(pipeline: Pipeline) -> None:
            pipeline.set(lock, 1, nx=True, px=int(CLAIM_LIFETIME_S * 1000))
            pipeline.get(page)
            pipeline.pttl(page)

        answers = self._ask(fill)
        if answers is None:
            return Claim(kept=None, is_ours=True)
        return Claim(kept=_kept(answers[1], answers[2]), is_ours=bool(answers[0]))

    def wait_for(self, question: Question, *, until: float) -> Kept | None:
        """This function will wait for the page that another process is making; None if it gives up or takes too long."""
        page, lock = self._names(question)

        def look(pipeline: Pipeline) -> None:
            pipeline.get(page)
            pipeline.pttl(page)
            pipeline.exists(lock)

        while time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_S)
            answers = self._ask(look)
            if answers is None:
                return None
            kept = _kept(answers[0], answers[1])
            if kept is not None and time.monotonic() < kept.fresh_until:
                return kept
            if not answers[2]:
                return None
        return None

    def publish(self, question: Question, kept: Kept) -> None:
        """This function will give everybody a new page, and end the claim to it."""
        page, lock = self._names(question)
        left_ms = int((kept.began_at + kept.answer.lifetimes.longest_s - time.monotonic()) * 1000)
        if left_ms <= 0:
            return self.release(question)

        def fill(pipeline: Pipeline) -> None:
            pipeline.set(page, kept.answer.to_bytes(), px=left_ms)
            pipeline.delete(lock)

        self._ask(fill)
        return None

    def release(self, question: Question) -> None:
        """This function will end a claim without a page; one that outlived its time costs another process a page more."""
        self._ask(lambda pipeline: pipeline.delete(self._names(question)[1]))

    def take_back(self, question: Question) -> None:
        """This function will end a claim and with it the page, which is everybody's no more."""
        self._ask(lambda pipeline: pipeline.delete(*self._names(question)))

    def add_figures(self) -> dict[str, int] | None:
        """This function will add this process's numbers to everybody's and return those; None without Valkey."""
        owed = self._tally.take()

        def fill(pipeline: Pipeline) -> None:
            for name, number in owed.items():
                pipeline.hincrby(self._figures, name, number)
            pipeline.hgetall(self._figures)

        answers = self._ask(fill)
        if answers is None:
            self._tally.give_back(owed)
            return None
        return {name.decode(): int(number) for name, number in answers[-1].items()}

    def _names(self, question: Question) -> tuple[str, str]:
        digest = hashlib.blake2b("\n".join(map(str, question)).encode(), digest_size=16).hexdigest()
        # In braces, so that a cluster keeps both at one place.
        return f"{self._prefix}:{{{digest}}}:page", f"{self._prefix}:{{{digest}}}:claim"

    def _ask(self, fill: Callable[[Pipeline], object]) -> list[Any] | None:
        """This function will send commands together, or return None while Valkey is away."""
        if time.monotonic() < self._left_alone_until:
            return None
        try:
            pipeline = self._client.pipeline(transaction=True)
            fill(pipeline)
            return list(pipeline.execute())
        except RedisError as error:
            self._left_alone_until = time.monotonic() + LEFT_ALONE_S
            logger.warning("shared_pages_unreachable", extra={"error": type(error).__name__})
            return None


def _kept(page: bytes | None, left_ms: int) -> Kept | None:
    answer = answer_from_bytes(page) if page is not None and left_ms > 0 else None
    if answer is None:
        return None
    age_s = max(0.0, answer.lifetimes.longest_s - left_ms / 1000)
    return Kept(answer, began_at=time.monotonic() - age_s)
