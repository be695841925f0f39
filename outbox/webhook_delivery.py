"""
Posting due events to their endpoints and noting what became of them.

An endpoint is claimed by a short transaction of its own, which writes down until when it is busy; no row is locked and no
transaction open while its receiver thinks. A deliverer that is killed leaves the event due: when the claim ends, it is
posted again, under the same webhook-id. One event at a time is on its way to an endpoint, so a slow one delays itself only.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import F

from outbox.posting import Answer, post, reach_of_site
from outbox.sealing import CannotUnseal
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState
from outbox.webhook_rules import (
    FAILING_FOR_GOOD,
    LEASE,
    LONGEST_REST,
    Trouble,
    Verdict,
    is_spent,
    retry_after,
    retry_delay,
    signed_headers,
    verdict_on,
    words_on,
)
from outbox.webhook_targets import BadUrl, parse_target

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 8  # endpoints that are posted to at the same time
RUN_BUDGET_S = 20.0  # after it no further event is begun
LOOK_EVERY_S = 0.25  # for what became due while the slowest of them still thinks


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An event that is ours to post until `until`; `attempt` tells whether it still is when the answer comes."""

    event: OutgoingWebhook
    endpoint: WebhookEndpoint
    attempt: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What all events of a run share. Jitter keeps no secret; a seeded one comes from tests."""

    now: datetime
    began_at: float
    rng: Random

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.began_at + RUN_BUDGET_S

    @property
    def present(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began_at)


def deliver_webhooks(*, now: datetime, rng: Random | None = None) -> Counter[str]:
    """
    This function will post what is due, MOST_AT_ONCE endpoints at a time, until nothing is or the run is over.

    Returns: how many events were sent, failed for good and put off, by those words.
    Writes:  state, attempts, due_at and last_answer of the events; free_at and failing_since of their endpoints, and
             disables those that are gone or have failed for days.
    """
    run = _Run(now=now, began_at=time.monotonic(), rng=rng or Random())  # noqa: S311
    endings: Counter[str] = Counter()
    if not OutgoingWebhook.objects.due(now=now).exists():
        return endings  # no thread is started for nothing
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="webhook") as threads:
        _deliver_all(threads, run, endings)
    return endings


def claim_webhook(*, now: datetime) -> Claim | None:
    """
    This function will take the oldest due event of an endpoint that nobody posts to; parallel calls take different ones.

    Returns: None when there is none.
    Writes:  OutgoingWebhook.attempts and tried_at; WebhookEndpoint.free_at, the end of the claim.
    """
    with transaction.atomic():
        due = OutgoingWebhook.objects.due(now=now).select_related("endpoint").order_by("due_at", "id")
        event = due.select_for_update(skip_locked=True, of=("self", "endpoint")).first()
        if event is None:
            return None
        until = now + LEASE
        WebhookEndpoint.objects.filter(pk=event.endpoint_id).update(free_at=until)
        OutgoingWebhook.objects.filter(pk=event.pk).update(attempts=event.attempts + 1, tried_at=now)
    return Claim(event=event, endpoint=event.endpoint, attempt=event.attempts + 1, until=until)


def send_claimed(*, claim: Claim, now: datetime) -> Answer:
    """This function will post a claimed event. It needs no database, so that it may run in a thread of its own."""
    try:
        reach = reach_of_site()
        target = parse_target(url=claim.endpoint.url(), reach=reach)
        body = claim.event.body.encode()
        secrets_in_force = list(claim.endpoint.secrets_in_force(now=now))
    except BadUrl:
        return Answer(trouble=Trouble.ADDRESS_REFUSED)  # good when it was typed; production is stricter, say
    except CannotUnseal:
        return Answer(trouble=Trouble.SEALED)
    signed = signed_headers(secrets_in_force=secrets_in_force, webhook_id=claim.event.webhook_id, at=now, body=body)
    headers = {"content-type": "application/json; charset=utf-8", **signed}
    return post(target=target, reach=reach, headers=headers, body=body)


def note_answer(*, claim: Claim, answer: Answer, now: datetime, rng: Random) -> str:
    """
    This function will write down how an attempt ended, unless the event is no longer ours: deleted, or claimed anew.

    Returns: "sent", "failed", "delayed" or "lost".
    """
    verdict, said = _judged(answer)
    if verdict is Verdict.DELIVERED:
        return _note_success(claim, said, now)
    asked_for = retry_after(header=answer.retry_after, now=now)
    delay = max(retry_delay(attempts=claim.attempt, rng=rng), asked_for)
    rest = max(min(delay, LONGEST_REST), asked_for) if verdict is Verdict.THROTTLED else None
    with transaction.atomic():
        _note_failing(claim, rest_until=now + rest if rest else None, now=now)
        if verdict is Verdict.GONE:
            return _give_up(claim, said, reason=DisabledReason.GONE, now=now)
        if is_spent(attempts=claim.attempt, is_test=claim.event.is_test):
            return _give_up(claim, said, reason=_reason_to_disable(claim, now), now=now)
        return _mark(claim, "delayed", due_at=max(now + delay, claim.event.created_at), last_answer=said)


def _deliver_all(threads: ThreadPoolExecutor, run: _Run, endings: Counter[str]) -> None:
    under_way: dict[Future[Answer], Claim] = {}
    while True:
        _begin_some(threads, run, under_way)
        if not under_way:
            return
        done, _waiting = wait(under_way, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
        for future in done:
            claim = under_way.pop(future)
            ending = note_answer(claim=claim, answer=_answer_of(future), now=run.present, rng=run.rng)
            endings[ending] += 1


def _begin_some(threads: ThreadPoolExecutor, run: _Run, under_way: dict[Future[Answer], Claim]) -> None:
    while len(under_way) < MOST_AT_ONCE and not run.is_over:
        claim = claim_webhook(now=run.present)
        if claim is None:
            return
        under_way[threads.submit(_sender(claim, run))] = claim


def _sender(claim: Claim, run: _Run) -> Callable[[], Answer]:
    return lambda: send_claimed(claim=claim, now=run.present)


def _answer_of(future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except Exception:
        # Whatever a stranger's server made of our libraries: it is this attempt's failure and no other event's.
        logger.exception("webhook_attempt_broke")
        return Answer(trouble=Trouble.NO_ANSWER)


def _judged(answer: Answer) -> tuple[Verdict, str]:
    if answer.status is not None:
        return verdict_on(answer.status), words_on(answer.status)
    trouble = answer.trouble or Trouble.NO_ANSWER
    # Who is too slow for one event is for the next one too, and each costs us ten seconds.
    return Verdict.THROTTLED if trouble is Trouble.TIMEOUT else Verdict.TRY_AGAIN, trouble.value


def _note_success(claim: Claim, said: str, now: datetime) -> str:
    with transaction.atomic():
        mine = WebhookEndpoint.objects.filter(pk=claim.endpoint.pk)
        mine.update(failing_since=None)
        mine.filter(free_at=claim.until).update(free_at=F("created_at"))
        return _mark(claim, "sent", state=WebhookState.SENT, sent_at=now, last_answer=said)


def _note_failing(claim: Claim, *, rest_until: datetime | None, now: datetime) -> None:
    endpoint = WebhookEndpoint.objects.filter(pk=claim.endpoint.pk)
    if not claim.event.is_test:
        endpoint.filter(failing_since=None).update(failing_since=now)
    endpoint.filter(free_at=claim.until).update(free_at=rest_until or F("created_at"))


def _reason_to_disable(claim: Claim, now: datetime) -> DisabledReason | None:
    since = claim.endpoint.failing_since
    is_failing = since is not None and now - since >= FAILING_FOR_GOOD and not claim.event.is_test
    return DisabledReason.FAILING if is_failing else None


def _give_up(claim: Claim, said: str, *, reason: DisabledReason | None, now: datetime) -> str:
    ending = _mark(claim, "failed", state=WebhookState.FAILED, last_answer=said)
    if ending == "failed" and reason is not None:
        enabled = WebhookEndpoint.objects.filter(pk=claim.endpoint.pk, disabled_at=None)
        if enabled.update(disabled_at=now, disabled_reason=reason, team_told_at=None):
            logger.warning("webhook_endpoint_disabled", extra={"endpoint": claim.endpoint.pk, "reason": reason.value})
    return ending


def _mark(claim: Claim, ending: str, **changes: object) -> str:
    mine = OutgoingWebhook.objects.filter(pk=claim.event.pk, state=WebhookState.DUE, attempts=claim.attempt)
    if not mine.update(**changes):
        return "lost"
    if ending != "sent":
        extra = {"webhook": claim.event.pk, "endpoint": claim.endpoint.pk, "answer": changes["last_answer"]}
        logger.info("webhook_%s", ending, extra=extra)
    return ending
