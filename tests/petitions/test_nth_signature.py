"""A milestone falls on the entry that brings the running total to N, however the entries came and are folded."""

import itertools
import random
from datetime import datetime, timedelta

import pytest

from accounts.models import Role
from outbox.models import OutgoingMessage
from petitions.actions.tally import fold_tally, recount
from petitions.models import Milestone, MilestoneNotice, Petition, Signature
from tests.factories import NOW, make_membership, make_petition, make_signature
from tests.parallel import results_of, run_in_parallel
from tests.petitions.counting import (
    assert_count_is_true,
    invalidate,
    load_signatures,
    milestones_by_threshold,
    restore,
    sign_every_second,
    withdraw,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


def owned(*, ladder: list[int]) -> Petition:
    return make_petition(team=make_membership(role=Role.OWNER).team, ladder=ladder)


def fold_all(petition: Petition, *, batch: int = 20_000) -> None:
    while fold_tally(petition_id=petition.pk, now=LATER, batch=batch):
        assert_count_is_true(petition)


def assert_told_once_of_each(petition: Petition) -> None:
    milestones = Milestone.objects.filter(petition=petition)
    told = OutgoingMessage.objects.filter(kind="milestone_reached").values_list("unique_key", flat=True)
    assert sorted(key.split(":")[1] for key in told) == sorted(str(milestone.pk) for milestone in milestones)


def test_five_hundred_in_one_fold_reach_each_step_at_its_own_signature() -> None:
    petition = owned(ladder=[1, 100, 250, 500, 1_000])
    load_signatures(petition, 500)

    fold_all(petition)

    assert milestones_by_threshold(petition) == {n: at(n) for n in (1, 100, 250, 500)}
    assert_told_once_of_each(petition)
    assert MilestoneNotice.objects.count() == 1  # supporters hear of the highest of one moment


@pytest.mark.parametrize("batch", [1, 7, 100, 20_000])
def test_the_size_of_a_batch_moves_no_milestone(batch: int) -> None:
    petition = owned(ladder=[10, 11, 40])
    seconds = list(range(1, 61))
    random.Random(batch).shuffle(seconds)  # the order of their commits
    for second in seconds:
        make_signature(petition=petition, verified_at=at(second))

    fold_all(petition, batch=batch)

    assert milestones_by_threshold(petition) == {10: at(10), 11: at(11), 40: at(40)}
    assert_told_once_of_each(petition)


def test_a_proof_that_is_committed_late_is_the_one_that_brings_the_total_there() -> None:
    petition = owned(ladder=[3])
    sign_every_second(petition, 2, first_at=at(10))
    fold_all(petition)

    make_signature(petition=petition, verified_at=at(5))
    fold_all(petition)

    assert milestones_by_threshold(petition) == {3: at(5)}


@pytest.mark.parametrize("batch", [1, 3, 20_000])
def test_crossing_back_and_forth_keeps_the_first_crossing_and_tells_once(batch: int) -> None:
    petition = owned(ladder=[3])
    signatures = sign_every_second(petition, 3)
    for back, again in itertools.pairwise(range(10, 40, 5)):
        invalidate(signatures[0], at=at(back))
        restore(signatures[0], at=at(again - 1))
    withdraw(signatures[1], at=at(60))
    make_signature(petition=petition, verified_at=at(70))

    fold_all(petition, batch=batch)

    assert milestones_by_threshold(petition) == {3: signatures[2].verified_at}
    assert_told_once_of_each(petition)


def test_who_left_before_the_nth_proof_does_not_count_for_it_in_any_batch() -> None:
    for batch in (1, 2, 20_000):
        petition = make_petition(ladder=[3])
        first, _second = sign_every_second(petition, 2)
        withdraw(first, at=at(3))
        make_signature(petition=petition, verified_at=at(4))
        make_signature(petition=petition, verified_at=at(5))

        fold_all(petition, batch=batch)

        assert milestones_by_threshold(petition) == {3: at(5)}


def test_a_recount_in_between_moves_nothing_and_tells_nobody_twice() -> None:
    petition = owned(ladder=[5, 50])
    load_signatures(petition, 60)
    fold_tally(petition_id=petition.pk, now=LATER, batch=20)

    recount(petition_id=petition.pk, now=LATER)
    fold_all(petition)

    assert milestones_by_threshold(petition) == {5: at(5), 50: at(50)}
    assert_told_once_of_each(petition)


@pytest.mark.django_db(transaction=True)
def test_folds_that_race_reach_every_step_at_its_own_signature_and_tell_once() -> None:
    petition = owned(ladder=[50, 51, 300, 900])
    load_signatures(petition, 1_000)

    def fold_some() -> None:
        for _ in range(20):
            fold_tally(petition_id=petition.pk, now=LATER, batch=60)

    results_of(run_in_parallel(fold_some, times=8))
    fold_all(petition)

    assert milestones_by_threshold(petition) == {n: at(n) for n in (50, 51, 300, 900)}
    assert_told_once_of_each(petition)
    assert Signature.objects.counted().count() == 1_000
