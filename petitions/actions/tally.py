"""Paying what is owed to the count. The only code that writes totals, buckets and milestones."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from petitions.actions import tally_sql
from petitions.actions.milestone_news import owe_milestone_news
from petitions.models import Milestone
from petitions.queries.reconciliation import is_owed_more_than

FOLD_BATCH = 20_000
_MORE = 8  # times as many, when a batch ended between a -1 and the +1 that it takes back


def fold_tally(*, petition_id: int, now: datetime, batch: int = FOLD_BATCH) -> int:
    """
    This function will add the oldest owed entries of a petition to its count, all or none of them.

    Args:    batch: how many entries are taken at once, and the rest of their last instant; what it holds is bounded by
             it. More are taken only where they were committed between the two statements of a fold, and where clocks
             that differ put a -1 before the +1 that it takes back and the batch ended between the two.
    Returns: how many entries were folded; 0 when none are owed, or while another process folds this petition.
    Raises:  IntegrityError if all that is owed would leave a count below zero: an entry that no signature stands behind.
             Nothing is folded then, until the reconciler has repaired it.
    Writes:  deletes TallyEntry rows; TallyBucket, TallyReasonTotal, Tally; a Milestone for each threshold crossed,
             at the instant of the entry that reached it, and the messages owed for it.
    Source:  docs/decisions/0022, design.md section 5 «Tally»; the statements and their why are in tally_sql.
    """
    while True:
        try:
            return _fold(petition_id=petition_id, now=now, batch=batch)
        except IntegrityError:
            if not is_owed_more_than(petition_id=petition_id, entries=batch):
                raise
            batch *= _MORE


def recount(*, petition_id: int, now: datetime) -> int:
    """
    This function will rebuild the count of a petition from its signatures, while signing goes on.

    Returns: the total. Entries owed at that instant are settled by it, later ones are folded later: none counts twice.
    Writes:  as fold_tally, the very rows that folds would have left; also the milestones passed before anybody watched,
             at the instant of their Nth counted signature and without a message, for they are no news.
    """
    with transaction.atomic():
        wait_for_tally(petition_id=petition_id)
        _execute(tally_sql.JOIN_WHOLE_SETS)
        total, milestone_ids = _run(tally_sql.RECOUNT, petition_id=petition_id, now=now)
        _execute(tally_sql.RECOUNT_HOURS, petition_id=petition_id)
        _execute(tally_sql.JOIN_AS_USUAL)
        _execute(tally_sql.RECORD_PASSED_MILESTONES, petition_id=petition_id)
        _owe_news(milestone_ids, now=now)
    return int(total)


def record_passed_milestones(*, petition_id: int) -> None:
    """This function will record the thresholds of a changed ladder that the count has passed already; no messages."""
    with transaction.atomic():
        wait_for_tally(petition_id=petition_id)
        _execute(tally_sql.RECORD_PASSED_MILESTONES, petition_id=petition_id)


def wait_for_tally(*, petition_id: int) -> None:
    """This function will keep all other folds and recounts of a petition waiting, until the caller's transaction ends."""
    _execute(tally_sql.WAIT_FOR_LOCK, petition_id=petition_id)


def _fold(*, petition_id: int, now: datetime, batch: int) -> int:
    with transaction.atomic():
        # The lock is a statement of its own: the next one must see what its last holder committed.
        if not _run(tally_sql.TRY_LOCK, petition_id=petition_id)[0]:
            return 0
        batch_end, *_ = _run(tally_sql.BATCH_END, petition_id=petition_id, batch=batch) or (None,)
        folded, milestone_ids = _run(tally_sql.FOLD, petition_id=petition_id, batch_end=batch_end, now=now)
        _owe_news(milestone_ids, now=now)
    return int(folded)


def _owe_news(milestone_ids: list[int], *, now: datetime) -> None:
    if milestone_ids:
        reached = Milestone.objects.filter(id__in=milestone_ids).select_related("petition__team").order_by("threshold")
        owe_milestone_news(milestones=list(reached), now=now)


def _run(sql: str, **parameters: int | datetime | None) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(cursor.fetchone() or ())


def _execute(sql: str, **parameters: int | datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
