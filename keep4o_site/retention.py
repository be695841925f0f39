"""Everything that is forgotten when its time is over, as each app lists it, and the running of it."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.retention import RETENTIONS as _OF_ACCOUNTS
from accounts.retention import ForgottenKind, forgotten_by_kind, record_run
from outbox.retention import RETENTIONS as _OF_MESSAGES
from outbox.retention import Retention
from petitions.actions.purging import RETENTIONS as _OF_PETITIONS
from testimonials.actions.purging import RETENTIONS as _OF_STORIES

logger = logging.getLogger(__name__)
ALL_RETENTIONS: tuple[Retention, ...] = (*_OF_PETITIONS, *_OF_STORIES, *_OF_MESSAGES, *_OF_ACCOUNTS)
EVERY = timedelta(hours=1)  # lifetimes are counted in days: an hour late is soon enough
LATE_AFTER = timedelta(days=1)
BUSY_S = 20.0  # of one kind in one run of the clock; the rest goes in the next one


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What became of one kind in one run; `count` is None where it failed."""

    retention: Retention
    count: int | None


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One kind in the report; `done` is None where it never ran."""

    retention: Retention
    done: ForgottenKind | None
    is_late: bool

    @property
    def next_due_at(self) -> datetime | None:
        return self.done.last_run_at + EVERY if self.done else None


def forget_expired(*, now: datetime, budget_s: float | None = None) -> Iterator[Forgotten]:
    """
    This function will forget, kind by kind, whatever has been kept for as long as it may be.

    Args:   budget_s: for each kind; None for as long as it takes.
    Returns: one line for each kind. A kind that fails is logged and holds up no other one.
    Writes:  what each kind writes, and a RetentionRun for each that did not fail.
    """
    for retention in ALL_RETENTIONS:
        yield Forgotten(retention=retention, count=_forget_kind(retention, now=now, budget_s=budget_s))


def retention_report(*, now: datetime) -> list[ReportLine]:
    """This function will tell of each kind how much was forgotten, when, and whether that is too long ago."""
    done = forgotten_by_kind(now=now)
    return [_report_line(retention, done.get(retention.kind), now=now) for retention in ALL_RETENTIONS]


def _report_line(retention: Retention, done: ForgottenKind | None, *, now: datetime) -> ReportLine:
    is_late = done is None or now - done.last_run_at > LATE_AFTER
    return ReportLine(retention=retention, done=done, is_late=is_late)


def _forget_kind(retention: Retention, *, now: datetime, budget_s: float | None) -> int | None:
    try:
        count = _forget_all(retention, now=now, budget_s=budget_s)
        record_run(kind=retention.kind, forgotten=count, now=now)
    except Exception:
        # Whatever it was, the other kinds are owed to other people. The metric tells that this one did not run.
        logger.exception("retention_failed", extra={"kind": retention.kind})
        return None
    if count:
        logger.info("forgotten", extra={"kind": retention.kind, "rows": count})
    return count


def _forget_all(retention: Retention, *, now: datetime, budget_s: float | None) -> int:
    stop_at = None if budget_s is None else time.monotonic() + budget_s
    total = 0
    while some := retention.forget_some(now):
        total += some
        if stop_at is not None and time.monotonic() > stop_at:
            break
    return total
