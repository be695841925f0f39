"""What everybody may know of how a count came about: what left it, why, and how much was tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q, Sum

from petitions.models import AttemptHour, CaseState, IntegrityCase, Petition, RemovalReason, Signature
from petitions.queries.history import Integrity, integrity_of
from petitions.queries.integrity_hours import hour_of
from petitions.rules.cells import public_cell, public_cells

CASES_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class PublicCase:
    """One case that was run: when and why, and whether it was taken back."""

    number: int
    reason: str
    note: str
    done_at: datetime
    removed: int | str
    is_undone: bool
    undone_at: datetime | None
    undo_reason: str
    restored: int | str


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    """How many signatures cases removed for one reason, and how many of these they gave back."""

    reason: str
    label: str
    removed: int | str


@dataclass(frozen=True, kw_only=True)
class PublicIntegrity:
    """
    The public account. `sums` is exact, for each of its steps shows in the count anyway; cells that say more are not.

    What is held and tried is told up to the last full hour: whoever tries the defence must not read its answer here.
    """

    sums: Integrity
    reasons: list[ReasonRow]
    under_way: int  # taken off by cases, and not yet in the published count
    without_a_case: int
    cases: list[PublicCase]
    held: int | str
    attempts: int
    attempts_held: int | str
    attempts_since: datetime | None
    until: datetime


def public_integrity(*, petition: Petition, now: datetime) -> PublicIntegrity:
    """This function will read the public account of a petition with five statements, however many signatures it has."""
    hour = hour_of(now)
    sums = integrity_of(petition=petition)  # before the cases, which are never behind what is folded
    cases = list(_public_cases(petition))
    by_reason = _by_reason(petition)
    in_cases = sum(by_reason.values())
    attempts = _attempts(petition, until=hour)
    return PublicIntegrity(
        sums=sums,
        reasons=_reason_rows(by_reason),
        under_way=max(0, in_cases - sums.removed),
        without_a_case=max(0, sums.removed - in_cases),
        cases=[_public_case(case) for case in cases],
        held=public_cell(_held(petition, until=hour)),
        attempts=attempts["all"] or 0,
        attempts_held=public_cell(attempts["held"] or 0),
        attempts_since=attempts["since"],
        until=hour,
    )


def _public_cases(petition: Petition) -> list[IntegrityCase]:
    done = IntegrityCase.objects.filter(petition=petition, done_at__isnull=False)
    return list(done.order_by("-done_at", "-id")[:CASES_SHOWN])


def _by_reason(petition: Petition) -> dict[str, int]:
    cases = IntegrityCase.objects.filter(petition=petition, removed__gt=0)
    return dict(cases.values_list("reason").annotate(n=Sum("removed")).order_by("-n", "reason"))


def _reason_rows(by_reason: dict[str, int]) -> list[ReasonRow]:
    shown = public_cells(list(by_reason.values()))
    return [
        ReasonRow(reason=reason, label=str(RemovalReason(reason).label), removed=cell)
        for reason, cell in zip(by_reason, shown, strict=True)
    ]


def _public_case(case: IntegrityCase) -> PublicCase:
    assert case.done_at is not None  # case_done_has_instant
    return PublicCase(
        number=case.pk,
        reason=case.get_reason_display(),
        note=case.note,
        done_at=case.done_at,
        removed=public_cell(case.removed),
        is_undone=case.state in (CaseState.UNDOING, CaseState.UNDONE),
        undone_at=case.undone_at,
        undo_reason=case.undo_reason,
        restored=public_cell(case.restored),
    )


def _held(petition: Petition, *, until: datetime) -> int:
    held = Signature.objects.filter(petition=petition, held_at__isnull=False, invalidated_at__isnull=True)
    return held.filter(verified_at__lt=until).count()


def _attempts(petition: Petition, *, until: datetime) -> dict[str, Any]:
    hours = AttemptHour.objects.filter(petition=petition, starts_at__lte=until - timedelta(hours=1))
    return hours.aggregate(all=Sum("n"), held=Sum("n", filter=~Q(held_reason="")), since=Min("starts_at"))
