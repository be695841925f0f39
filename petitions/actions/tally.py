"""Paying what is owed to the count. The only code that writes totals, buckets and milestones."""

import logging
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from petitions.actions import tally_sql
from petitions.actions.milestone_news import owe_milestone_news
from petitions.models import Milestone, TallyRepair
from petitions.queries.reconciliation import TallyState, drifting_tallies

logger = logging.getLogger(__name__)
FOLD_BATCH = 20_000


def fold_tally(*, petition_id: int, now: datetime, batch: int = FOLD_BATCH) -> int:
    """
    This function will add the oldest owed entries of a petition to its count, all or none of them.

    Args:    batch: the most entries taken at once; what it holds is bounded by it.
    Returns: how many entries were folded; 0 when none are owed, or while another process folds this petition.
    Writes:  deletes TallyEntry rows; TallyBucket, TallyReasonTotal, Tally; a Milestone for each threshold crossed,
             at the instant of the entry that reached it, and the messages owed for it.
    Source:  docs/decisions, design.md section 5 «Tally»; the statements and their why are in tally_sql.
    """
    with transaction.atomic():
        # The lock is a statement of its own: the next one must see what its last holder committed.
        if not _run(tally_sql.TRY_LOCK, petition_id=petition_id)[0]:
            return 0
        folded, milestone_ids = _run(tally_sql.FOLD, petition_id=petition_id, batch=batch, now=now)
        _owe_news(milestone_ids, now=now)
    return int(folded)


def recount(*, petition_id: int, now: datetime) -> int:
    """
    This function will rebuild the count of a petition from its signatures, while signing goes on.

    Returns: the total. Entries owed at that instant are settled by it, later ones are folded later: none counts twice.
    Writes:  as fold_tally; also the milestones passed before anybody watched, at the instant of their Nth counted
             signature and without a message, for they are no news.
    """
    with transaction.atomic():
        _run(tally_sql.WAIT_FOR_LOCK, petition_id=petition_id)
        total, milestone_ids = _run(tally_sql.RECOUNT, petition_id=petition_id, now=now)
        _execute(tally_sql.RECORD_PASSED_MILESTONES, petition_id=petition_id)
        _owe_news(milestone_ids, now=now)
    return int(total)


def record_passed_milestones(*, petition_id: int) -> None:
    """This function will record the thresholds of a changed ladder that the count has passed already; no messages."""
    with transaction.atomic():
        _run(tally_sql.WAIT_FOR_LOCK, petition_id=petition_id)
        _execute(tally_sql.RECORD_PASSED_MILESTONES, petition_id=petition_id)


def reconcile_tallies(*, now: datetime) -> list[TallyState]:
    """
    This function will compare every count with its signatures in one snapshot and repair what differs.

    Returns: the tallies that had drifted, as they were found; [] is the only healthy answer.
    Writes:  a recount and a TallyRepair for each, and an error in the log.
    """
    drifted = drifting_tallies()
    for state in drifted:
        logger.error("tally_drift", extra=state.figures())
        with transaction.atomic():
            recount(petition_id=state.petition_id, now=now)
            TallyRepair.objects.create(petition_id=state.petition_id, found_at=now, **state.sums())
    return drifted


def _owe_news(milestone_ids: list[int], *, now: datetime) -> None:
    if milestone_ids:
        reached = Milestone.objects.filter(id__in=milestone_ids).select_related("petition__team").order_by("threshold")
        owe_milestone_news(milestones=list(reached), now=now)


def _run(sql: str, **parameters: int | datetime) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(cursor.fetchone() or ())


def _execute(sql: str, **parameters: int | datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
