"""Looking, piece by piece and for ever, whether each count says the truth; repairing, recording and telling what does not."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import formats, translation
from django.utils.timezone import localtime

from accounts.models import Role, User
from outbox.queue import queue_email
from petitions.actions.tally import recount, wait_for_tally
from petitions.models import Petition, TallyCheck, TallyRepair, TallyRepairCell
from petitions.queries.links import absolute_url
from petitions.queries.reconciliation import (
    Window,
    WrongCell,
    is_owed_more_than,
    newest_window,
    petitions_by_last_check,
    sums_drift,
    tally_state,
    window_from,
    wrong_cells,
)
from petitions.queries.texts import petition_title
from petitions.rules.periods import bucket_start

logger = logging.getLogger(__name__)
WINDOW = 50_000  # counted signatures in one look, and the rest of their last quarter hour: some 30 ms
MOST_OWED = 20_000  # each look reads all entries that wait; while there are more, they are folded first
NEWEST = timedelta(hours=2)
MOST_CELLS = 200  # kept of a repair: enough to see what happened
TOLD_EVERY = timedelta(hours=1)  # an error that comes again and again fills no mailbox


def check_tally(*, petition_id: int, now: datetime, window: int = WINDOW) -> TallyRepair | None:
    """
    This function will look at the next piece of a petition's history, and repair its count if that does not say the truth.

    Each look compares the total with its reasons, the newest hours cell by cell, and the next `window` signatures; the
    look that reaches the end also compares the total with all its buckets, and the next one begins anew.

    Returns: what was repaired; None if all is well, and while somebody else looks at this petition.
    Writes:  the TallyCheck; on drift see repair_tally, and an error in the log.
    Source:  docs/decisions/0022.
    """
    with transaction.atomic():
        check = _lock_check(petition_id)
        if check is None:
            return None
        check.drift, check.checked_at = _look(check, now=now, size=window), now
        check.save()
    if not check.drift:
        return None
    return repair_tally(petition_id=petition_id, now=now)


def reconcile_tallies(*, now: datetime) -> list[TallyRepair]:
    """This function will look once at each petition; returns what was repaired. [] is the only healthy answer."""
    repairs = [check_tally(petition_id=petition_id, now=now) for petition_id in petitions_by_last_check()]
    return [repair for repair in repairs if repair is not None]


def repair_tally(*, petition_id: int, now: datetime) -> TallyRepair | None:
    """
    This function will rebuild a count that does not say the truth, and keep what was wrong with it.

    Returns: None if somebody else has repaired it meanwhile.
    Writes:  a recount; a TallyRepair with at most MOST_CELLS cells; a mail to each operator of the site and owner of
             the petition, unless they were told of one in the last hour.
    """
    with transaction.atomic():
        wait_for_tally(petition_id=petition_id)
        state = tally_state(petition_id=petition_id)
        cells = wrong_cells(petition_id=petition_id, window=Window())
        if not state.drift and not cells:
            return None
        logger.error("tally_drift", extra={**state.figures(), "wrong_cells": len(cells)})
        was_told = TallyRepair.objects.filter(petition_id=petition_id, found_at__gt=now - TOLD_EVERY).exists()
        recount(petition_id=petition_id, now=now)
        repair = _record(petition_id, sums=state.sums(), cells=cells, now=now)
        if not was_told:
            _owe_alarm(repair, now=now)
    return repair


def _lock_check(petition_id: int) -> TallyCheck | None:
    TallyCheck.objects.bulk_create([TallyCheck(petition_id=petition_id)], ignore_conflicts=True)
    return TallyCheck.objects.select_for_update(skip_locked=True).filter(petition_id=petition_id).first()


def _look(check: TallyCheck, *, now: datetime, size: int) -> int:
    """This function will look at the next window and move the check to its end; returns how far off anything is."""
    if is_owed_more_than(petition_id=check.petition_id, entries=MOST_OWED):
        return sums_drift(petition_id=check.petition_id, with_buckets=False)
    if check.position is None:
        check.lap_started_at = now
    window = window_from(petition_id=check.petition_id, since=check.position, size=size)
    cells = wrong_cells(petition_id=check.petition_id, window=window)
    if window.until is not None:  # else the newest hours were in it
        newest = newest_window(petition_id=check.petition_id, since=bucket_start(now - NEWEST), size=size)
        cells += wrong_cells(petition_id=check.petition_id, window=newest)
    else:
        check.lap_finished_at = now
    check.position = window.until
    of_sums = sums_drift(petition_id=check.petition_id, with_buckets=window.until is None)
    return of_sums + sum(cell.drift for cell in cells)


def _record(petition_id: int, *, sums: dict[str, int], cells: list[WrongCell], now: datetime) -> TallyRepair:
    repair = TallyRepair.objects.create(petition_id=petition_id, found_at=now, wrong_cells=len(cells), **sums)
    TallyRepairCell.objects.bulk_create(TallyRepairCell(repair=repair, **cell.columns()) for cell in cells[:MOST_CELLS])
    return repair


def _owe_alarm(repair: TallyRepair, *, now: datetime) -> None:
    petition = Petition.objects.get(pk=repair.petition_id)
    for user in _to_be_told(petition):
        with translation.override(user.language):
            found_at = formats.date_format(localtime(repair.found_at, ZoneInfo(petition.timezone)), "DATETIME_FORMAT")
        queue_email(
            kind="tally_drift",
            unique_key=f"tally_drift:{repair.pk}:user:{user.pk}",
            recipient=user.email,
            language=user.language,
            context={
                "petition_title": petition_title(petition=petition, language=user.language),
                "petition_url": absolute_url(view="petition-detail", language=user.language, slug=petition.slug),
                "organise_url": absolute_url(view="integrity-console", language=user.language, slug=petition.slug),
                "found_at": found_at,
                "timezone": petition.timezone,
                "shown": repair.published,
                "right": repair.counted - repair.owed,
                "repair": repair.pk,
            },
            now=now,
        )


def _to_be_told(petition: Petition) -> QuerySet[User]:
    """This function will find the operators of the site and the owners of a petition."""
    owners = Q(memberships__team_id=petition.team_id, memberships__role=Role.OWNER)
    return User.objects.filter(Q(is_superuser=True) | owners, is_active=True).distinct().order_by("id")
