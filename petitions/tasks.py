"""The clock of the petitions app. Each task finds the work that is owed and does it; a task that is lost loses nothing."""

import logging
import time
from collections.abc import Callable

from celery import shared_task
from django.db import IntegrityError
from django.utils import timezone

from petitions.actions import cases, editing, tally
from petitions.actions.attempt_hours import fold_attempts
from petitions.actions.milestone_news import expand_milestone_notice
from petitions.actions.preparing import prepare_next_export
from petitions.actions.reconciling import check_tally
from petitions.queries.cases import cases_under_way
from petitions.queries.reconciliation import petitions_by_last_check, petitions_owed_a_fold

logger = logging.getLogger(__name__)
LONGEST_EXPORT_S = 3_600  # ten million rows take some minutes
BUSY_S = 20  # then another task of the same kind may go on
RECONCILE_S = 0.5  # of each five seconds, and one look at least


@shared_task
def fold_owed_tallies() -> None:
    """This function will fold every petition with owed entries, one batch each in turn, until nothing is owed."""
    folded = _until_done(_fold_one_batch_each)
    if folded:
        logger.info("tallies_folded", extra={"entries": folded})


@shared_task
def spread_milestone_news() -> None:
    """This function will write the owed mails to supporters into the outbox, batch by batch."""
    mails = _until_done(lambda: expand_milestone_notice(now=timezone.now()))
    if mails:
        logger.info("milestone_news_owed", extra={"mails": mails})


@shared_task
def advance_cases() -> None:
    """This function will run and undo the cases under way, one batch each in turn, until nothing is owed."""
    handled = _until_done(_advance_each_case)
    released = _until_done(lambda: cases.release_what_undone_cases_held(now=timezone.now()))
    if handled or released:
        logger.info("cases_advanced", extra={"members": handled, "released": released})


@shared_task
def add_up_attempts() -> None:
    """This function will add the attempts that wait to their hours."""
    added = _until_done(fold_attempts)
    if added:
        logger.info("attempts_added_up", extra={"attempts": added})


@shared_task
def reconcile_tallies() -> None:
    """This function will look at the next piece of each petition's history, those first that have waited longest."""
    stop_at = time.monotonic() + RECONCILE_S
    for petition_id in petitions_by_last_check():
        check_tally(petition_id=petition_id, now=timezone.now())
        if time.monotonic() > stop_at:
            break


@shared_task(time_limit=LONGEST_EXPORT_S, soft_time_limit=LONGEST_EXPORT_S - 60)
def prepare_exports() -> None:
    """This function will write the oldest file that a team asked for; one at a time, whatever the number of workers."""
    if prepare_next_export(now=timezone.now()):
        logger.info("export_prepared")


@shared_task
def open_and_close_petitions() -> None:
    now = timezone.now()
    opened, closed = editing.open_due_petitions(now=now), editing.close_due_petitions(now=now)
    if opened or closed:
        logger.info("petitions_moved", extra={"opened": opened, "closed": closed})


def _fold_one_batch_each() -> int:
    return sum(_fold_one_batch(petition_id) for petition_id in petitions_owed_a_fold())


def _fold_one_batch(petition_id: int) -> int:
    try:
        return tally.fold_tally(petition_id=petition_id, now=timezone.now())
    except IntegrityError:
        # The reconciler mends it within seconds; meanwhile the counts of all other petitions go on.
        logger.exception("fold_refused", extra={"petition_id": petition_id})
        return 0


def _advance_each_case() -> int:
    return sum(cases.advance_case(case_id=case_id, now=timezone.now()) for case_id in cases_under_way())


def _until_done(do_some: Callable[[], int]) -> int:
    """This function will repeat some work until none is left, or until it has been at it for long enough."""
    stop_at = time.monotonic() + BUSY_S
    total = 0
    while done := do_some():
        total += done
        if time.monotonic() > stop_at:
            break
    return total
