"""The promise of the count, tried with random lives of a petition: true in every snapshot, whatever came before."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions.actions.tally import fold_tally, reconcile_tallies, recount
from petitions.models import Petition, Signature
from petitions.queries.counts import published_count
from tests.factories import NOW, make_petition, make_signature
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

steps = st.lists(
    st.one_of(
        st.tuples(st.just("prove"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["withdraw", "invalidate", "restore"]), st.integers(0, 20)),
        st.tuples(st.just("fold"), st.sampled_from([1, 2, 3, 20_000])),
        st.tuples(st.sampled_from(["reconcile", "recount"]), st.just(0)),
    ),
    max_size=25,
)


class Life:
    """One petition, the instants of its counted signatures as they truly came and went, and its clock."""

    def __init__(self) -> None:
        self.petition: Petition = make_petition(ladder=LADDER)
        self.now = NOW
        self.counted = 0
        self.reached: dict[int, datetime] = {}

    def take(self, step: str, argument: int) -> None:
        self.now += timedelta(minutes=7)
        match step:
            case "prove":
                make_signature(petition=self.petition, verified_at=self.now, country=("FR", "DE", "", "US")[argument])
                self._rise()
            case "withdraw" | "invalidate":
                self._leave(step, argument)
            case "restore":
                self._restore(argument)
            case "fold":
                fold_tally(petition_id=self.petition.pk, now=self.now, batch=argument)
            case "recount":
                recount(petition_id=self.petition.pk, now=self.now)
            case "reconcile":
                assert reconcile_tallies(now=self.now) == []

    def _leave(self, step: str, argument: int) -> None:
        counted = list(Signature.objects.counted().order_by("id"))
        if counted:
            leave = withdraw if step == "withdraw" else invalidate
            leave(counted[argument % len(counted)], at=self.now)
            self.counted -= 1

    def _restore(self, argument: int) -> None:
        removed = list(Signature.objects.filter(invalidated_at__isnull=False).order_by("id"))
        if removed:
            restore(removed[argument % len(removed)], at=self.now)
            self._rise()

    def _rise(self) -> None:
        self.counted += 1
        if self.counted in LADDER:
            self.reached.setdefault(self.counted, self.now)


# Some seconds, for each example is a whole life in a real database.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_count_is_true_after_every_step(steps: list[tuple[str, int]]) -> None:
    Signature.objects.all().delete()
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
