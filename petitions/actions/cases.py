"""Reversible removals: a case is previewed, then run or discarded, and can be undone. The clock does the work in batches."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.actions import record_audit
from accounts.models import User
from petitions.actions import cases_sql
from petitions.models import CaseMember, CaseState, IntegrityCase, Petition, RemovalReason
from petitions.rules.cases import FORGOTTEN, MOST_MEMBERS, Conditions

BATCH = 500


class CaseError(Exception):
    """What these actions refuse."""


class NoConditions(CaseError):
    """A case must say what it is about; without a condition it would be the whole petition."""


class NothingFound(CaseError):
    """No row meets the conditions, so there is nothing to preview."""


class TooManyFound(CaseError):
    """More rows meet the conditions than one case may hold."""


class IllegalCaseStep(CaseError):
    """The case is in a state from which this step does not lead; perhaps somebody was quicker."""


@transaction.atomic
def preview_case(
    *, petition: Petition, conditions: Conditions, reason: RemovalReason, note: str, actor: User, now: datetime
) -> IntegrityCase:
    """
    Find the rows that meet the conditions and keep them as the members of a case. Nothing is removed yet.

    Args:   note: public once the case was run; its shape is checked by the form.
    Raises: NoConditions; NothingFound; TooManyFound over MOST_MEMBERS rows. Nothing is written then.
    Writes: the IntegrityCase with what it found, a CaseMember for each row, an audit row.
    Source: docs/decisions/0014.
    """
    if conditions.is_empty:
        raise NoConditions
    case = IntegrityCase.objects.create(
        petition=petition,
        reason=reason,
        note=note,
        conditions=conditions.as_json(),
        created_by=actor,
        created_at=now,
    )
    case.found_counted, case.found_held, case.found_attempts = _write_members(case=case, conditions=conditions)
    if not case.found:
        raise NothingFound
    if case.found > MOST_MEMBERS:
        raise TooManyFound
    case.save(update_fields=["found_counted", "found_held", "found_attempts"])
    _audit(case, actor, "case.previewed", now)
    return case


@transaction.atomic
def run_case(*, petition: Petition, case_id: int, actor: User, now: datetime) -> IntegrityCase:
    """
    Begin to remove the members of a previewed case; the clock does it, batch by batch.

    Raises: IntegrityCase.DoesNotExist in another petition; IllegalCaseStep, also for the second of two at once.
    Writes: the state, an audit row.
    """
    case = _lock_case(petition=petition, case_id=case_id, state=CaseState.PREVIEWED)
    case.state, case.run_at = CaseState.RUNNING, now
    case.save(update_fields=["state", "run_at"])
    _audit(case, actor, "case.run", now)
    return case


@transaction.atomic
def undo_case(*, petition: Petition, case_id: int, reason: str, actor: User, now: datetime) -> IntegrityCase:
    """
    Begin to give back exactly what a case removed; the clock does it, batch by batch.

    Args:   reason: public; its shape is checked by the form.
    Raises: as run_case; a case can be undone once all of it is done.
    Writes: the state, the reason, an audit row.
    """
    case = _lock_case(petition=petition, case_id=case_id, state=CaseState.DONE)
    case.state, case.undo_reason, case.bookmark, case.handled = CaseState.UNDOING, reason, 0, 0
    case.save(update_fields=["state", "undo_reason", "bookmark", "handled"])
    _audit(case, actor, "case.undone", now)
    return case


@transaction.atomic
def discard_case(*, petition: Petition, case_id: int, actor: User, now: datetime) -> IntegrityCase:
    """
    Put a previewed case aside: it can never be run, and forgets which rows it had found.

    Raises: as run_case.
    Writes: the state, an audit row; deletes the members.
    """
    case = _lock_case(petition=petition, case_id=case_id, state=CaseState.PREVIEWED)
    case.state = CaseState.DISCARDED
    case.save(update_fields=["state"])
    CaseMember.objects.filter(case=case).delete()
    _audit(case, actor, "case.discarded", now)
    return case


@transaction.atomic
def advance_case(*, case_id: int, now: datetime, batch: int = BATCH) -> int:
    """
    Remove, or give back, the next members of a case under way; after the last one the case is done, or undone.

    Returns: how many members were handled; 0 when none are left, or while somebody else is at this case.
    Writes:  signatures, attempts, members and TallyEntry rows together with the bookmark: all of a batch or nothing.
    """
    # Not FOR UPDATE: a proof that names this case needs its row to be there, holds an attempt, and would wait for us
    # while we wait for that attempt.
    under_way = IntegrityCase.objects.filter(state__in=[CaseState.RUNNING, CaseState.UNDOING])
    case = under_way.select_for_update(skip_locked=True, no_key=True).filter(pk=case_id).first()
    if case is None:
        return 0
    is_run = case.state == CaseState.RUNNING
    handled, bookmark, entries = _handle_batch(case=case, is_run=is_run, batch=batch, now=now)
    if not handled:
        _finish(case, is_run=is_run, now=now)
        return 0
    case.bookmark, case.handled = bookmark, case.handled + handled
    case.removed, case.restored = (
        (case.removed + entries, case.restored) if is_run else (case.removed, case.restored + entries)
    )
    case.save(update_fields=["bookmark", "handled", "removed", "restored"])
    return handled


@transaction.atomic
def release_what_undone_cases_held(*, now: datetime, batch: int = BATCH) -> int:
    """
    Let the signatures count that were proved while a case held their attempts, once that case is undone.

    Returns: how many.
    Writes:  the rows; a TallyEntry of +1 for each, as for a proof.
    """
    return int(_run(cases_sql.RELEASE_WHAT_UNDONE_CASES_HELD, batch=batch, now=now)[0])


def forget_networks_of_cases(*, created_before: datetime) -> int:
    """
    Take the digest of a network out of the conditions of old cases: digests of networks are kept for 30 days only.

    Returns: how many cases named one.
    """
    old = IntegrityCase.objects.filter(created_at__lt=created_before, conditions__has_key="network")
    cases = list(old.exclude(conditions__network=FORGOTTEN).only("conditions"))
    for case in cases:
        case.conditions = {**case.conditions, "network": FORGOTTEN}
    IntegrityCase.objects.bulk_update(cases, ["conditions"], batch_size=500)
    return len(cases)


def _lock_case(*, petition: Petition, case_id: int, state: CaseState) -> IntegrityCase:
    case = IntegrityCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id, petition=petition)
    if case.state != state:
        raise IllegalCaseStep(case.state)
    return case


def _write_members(*, case: IntegrityCase, conditions: Conditions) -> tuple[int, int, int]:
    asked = asdict(conditions)
    digests = {name: bytes.fromhex(asked[name]) or None for name in ("domain", "network")}
    found = _run(
        cases_sql.FIND,
        **{**asked, **digests},
        case_id=case.pk,
        petition_id=case.petition_id,
        most=MOST_MEMBERS,
    )
    return int(found[0]), int(found[1]), int(found[2])


def _handle_batch(*, case: IntegrityCase, is_run: bool, batch: int, now: datetime) -> tuple[int, int, int]:
    handled, bookmark, entries = _run(
        cases_sql.RUN_BATCH if is_run else cases_sql.UNDO_BATCH,
        case_id=case.pk,
        petition_id=case.petition_id,
        bookmark=case.bookmark,
        batch=batch,
        now=now,
    )
    return int(handled), int(bookmark), int(entries)


def _finish(case: IntegrityCase, *, is_run: bool, now: datetime) -> None:
    if is_run:
        case.state, case.done_at = CaseState.DONE, now
    else:
        case.state, case.undone_at = CaseState.UNDONE, now
    case.save(update_fields=["state", "done_at", "undone_at"])


def _audit(case: IntegrityCase, actor: User, verb: str, now: datetime) -> None:
    subject = f"case {case.pk} of petition {case.petition.slug}"
    record_audit(team=case.petition.team, actor=actor, verb=verb, subject=subject, now=now)


def _run(sql: str, **parameters: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(cursor.fetchone() or ())
