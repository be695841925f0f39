"""The promise of the count, tried with random lives of a petition: true in every snapshot, whatever came before."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from django.db.models import Model, QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions.actions.cases import (
    NothingFound,
    advance_case,
    preview_case,
    release_what_undone_cases_held,
    run_case,
    undo_case,
)
from petitions.actions.held import release_held
from petitions.actions.reconciling import reconcile_tallies
from petitions.actions.tally import fold_tally, recount
from petitions.models import (
    CaseMember,
    CaseState,
    HeldReason,
    IntegrityCase,
    Petition,
    RemovalReason,
    Signature,
    TallyReason,
)
from petitions.queries.counts import published_count
from petitions.rules.cases import Conditions
from tests.factories import NOW, make_membership, make_petition, make_signature, make_tally_entry
from tests.petitions.casework import make_proved
from tests.petitions.counting import (
    assert_count_is_true,
    buckets_of,
    invalidate,
    milestones_by_threshold,
    restore,
    state_of,
    withdraw,
)

pytestmark = pytest.mark.django_db
LADDER = [2, 3, 5, 8]
COUNTRIES = ("FR", "DE", "", "US")
Row = TypeVar("Row", bound=Model)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("prove"), st.integers(0, 3)),
        st.tuples(st.just("hold"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["withdraw", "invalidate", "restore", "release", "correct"]), st.integers(0, 20)),
        # Cases of one country, or of whatever is held, in batches of one to three.
        st.tuples(st.sampled_from(["preview", "run", "advance", "undo"]), st.integers(0, 5)),
        st.tuples(st.just("fold"), st.sampled_from([1, 2, 3, 20_000])),
        st.tuples(st.sampled_from(["reconcile", "recount"]), st.just(0)),
    ),
    max_size=30,
)


class Life:
    """One petition, the instants of its counted signatures as they truly came and went, and its clock."""

    def __init__(self) -> None:
        self.petition: Petition = make_petition(ladder=LADDER)
        self.actor = make_membership(team=self.petition.team).user
        self.now = NOW
        self.counted = 0
        self.reached: dict[int, datetime] = {}

    def take(self, step: str, argument: int) -> None:
        self.now += timedelta(minutes=7)
        match step:
            case "prove":
                make_signature(petition=self.petition, verified_at=self.now, country=COUNTRIES[argument])
                self._rise()
            case "fold":
                fold_tally(petition_id=self.petition.pk, now=self.now, batch=argument)
            case "recount":
                recount(petition_id=self.petition.pk, now=self.now)
            case "reconcile":
                assert reconcile_tallies(now=self.now) == []
            case _:
                getattr(self, f"_{step}")(argument)

    def _hold(self, argument: int) -> None:
        moment = {"verified_at": self.now, "country": COUNTRIES[argument]}
        make_proved(self.petition, held=HeldReason.FORM_AGE, **moment)

    def _release(self, argument: int) -> None:
        held = Signature.objects.filter(held_at__isnull=False).order_by("id")
        if picked := self._picked(held, argument):
            released = release_held(
                petition=self.petition, signature_ids=[picked.pk], attempt_ids=[], actor=self.actor, now=self.now
            )
            if released.signatures:
                self._rise()

    def _correct(self, argument: int) -> None:
        if picked := self._picked(Signature.objects.counted().order_by("id"), argument):
            make_tally_entry(signature=picked, delta=-1, reason=TallyReason.CORRECTED, occurred_at=self.now)
            picked.country = COUNTRIES[argument % 4]
            picked.save(update_fields=["country"])
            make_tally_entry(signature=picked, delta=1, reason=TallyReason.CORRECTED, occurred_at=self.now)

    def _withdraw(self, argument: int) -> None:
        if picked := self._picked(Signature.objects.counted().order_by("id"), argument):
            withdraw(picked, at=self.now)
            self.counted -= 1

    def _invalidate(self, argument: int) -> None:
        if picked := self._picked(Signature.objects.counted().order_by("id"), argument):
            invalidate(picked, at=self.now)
            self.counted -= 1

    def _restore(self, argument: int) -> None:
        # What a case took is given back by that case.
        removed = Signature.objects.filter(invalidated_at__isnull=False, held_at__isnull=True, case__isnull=True)
        if picked := self._picked(removed.order_by("id"), argument):
            restore(picked, at=self.now)
            self._rise()

    def _preview(self, argument: int) -> None:
        conditions = Conditions(held="any") if argument > 3 else Conditions(country=COUNTRIES[argument] or "FR")
        with suppress(NothingFound):
            case = preview_case(
                petition=self.petition,
                conditions=conditions,
                reason=RemovalReason.OTHER,
                note="Seen.",
                actor=self.actor,
                now=self.now,
            )
            if argument % 2:  # the others wait, and are overtaken by what happens meanwhile
                run_case(petition=self.petition, case_id=case.pk, actor=self.actor, now=self.now)

    def _run(self, argument: int) -> None:
        if case := self._picked(IntegrityCase.objects.filter(state=CaseState.PREVIEWED).order_by("id"), argument):
            run_case(petition=self.petition, case_id=case.pk, actor=self.actor, now=self.now)

    def _undo(self, argument: int) -> None:
        if case := self._picked(IntegrityCase.objects.filter(state=CaseState.DONE).order_by("id"), argument):
            undo_case(petition=self.petition, case_id=case.pk, reason="Wrong.", actor=self.actor, now=self.now)

    def _advance(self, argument: int) -> None:
        under_way = IntegrityCase.objects.filter(state__in=[CaseState.RUNNING, CaseState.UNDOING]).order_by("id")
        if case := self._picked(under_way, argument):
            before = set(Signature.objects.counted().values_list("id", flat=True))
            advance_case(case_id=case.pk, now=self.now, batch=1 + argument % 3)
            release_what_undone_cases_held(now=self.now)
            after = set(Signature.objects.counted().values_list("id", flat=True))
            assert not (before ^ after) - set(CaseMember.objects.filter(case=case).values_list("signature", flat=True))
            self.counted -= len(before - after)
            for _ in after - before:
                self._rise()

    @staticmethod
    def _picked(rows: QuerySet[Row], argument: int) -> Row | None:
        found = list(rows)
        return found[argument % len(found)] if found else None

    def _rise(self) -> None:
        self.counted += 1
        if self.counted in LADDER:
            self.reached.setdefault(self.counted, self.now)


# Some seconds, for each example is a whole life in a real database.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_count_is_true_after_every_step(steps: list[tuple[str, int]]) -> None:
    Signature.objects.all().delete()
    IntegrityCase.objects.all().delete()
    Petition.objects.all().delete()
    life = Life()

    for step, argument in steps:
        life.take(step, argument)
        assert_count_is_true(life.petition)
        assert state_of(life.petition).counted == life.counted

    while fold_tally(petition_id=life.petition.pk, now=life.now):
        pass
    by_folds = (published_count(petition_id=life.petition.pk), buckets_of(life.petition))
    assert by_folds[0] == life.counted
    assert milestones_by_threshold(life.petition) == life.reached
    recount(petition_id=life.petition.pk, now=life.now)
    assert (published_count(petition_id=life.petition.pk), buckets_of(life.petition)) == by_folds
    assert milestones_by_threshold(life.petition) == life.reached
