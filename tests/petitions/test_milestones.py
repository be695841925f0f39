"""Milestones: reached at the instant of the entry that brought the count there, told once to each who should know."""

from datetime import timedelta

import pytest

from accounts.models import Role, Team, User
from outbox.models import MessagePriority, OutgoingMessage
from petitions.actions.milestone_news import expand_milestone_notice
from petitions.actions.tally import fold_tally, recount
from petitions.models import Milestone, MilestoneNotice
from petitions.queries.counts import milestones_of
from tests.factories import NOW, make_membership, make_petition, make_signature, make_tally_entry, make_user
from tests.parallel import results_of, run_in_parallel
from tests.petitions.counting import (
    invalidate,
    load_signatures,
    milestones_by_threshold,
    restore,
    sign_every_second,
    withdraw,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def kinds_and_keys() -> list[tuple[str, str]]:
    return list(OutgoingMessage.objects.order_by("id").values_list("kind", "unique_key"))


# --- When -----------------------------------------------------------------------------------------------------------
def test_a_milestone_is_reached_at_the_instant_of_its_nth_signature() -> None:
    petition = make_petition(ladder=[3, 10])
    signatures = sign_every_second(petition, 5)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {3: signatures[2].verified_at}


def test_two_milestones_in_one_fold_keep_their_own_instants() -> None:
    petition = make_petition(ladder=[2, 4, 10])
    signatures = sign_every_second(petition, 5)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {2: signatures[1].verified_at, 4: signatures[3].verified_at}


def test_the_instant_follows_the_proofs_and_not_the_order_of_commits() -> None:
    petition = make_petition(ladder=[2])
    make_signature(petition=petition, verified_at=NOW + timedelta(seconds=9))
    make_signature(petition=petition, verified_at=NOW)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {2: NOW + timedelta(seconds=9)}


def test_proofs_of_one_instant_are_told_apart_by_their_entries() -> None:
    petition = make_petition(ladder=[1, 2, 3])
    for _ in range(3):
        make_signature(petition=petition, verified_at=NOW)

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {1: NOW, 2: NOW, 3: NOW}


def test_a_milestone_counts_what_earlier_folds_brought() -> None:
    petition = make_petition(ladder=[4])
    signatures = sign_every_second(petition, 4)
    fold_tally(petition_id=petition.pk, now=LATER, batch=3)
    assert milestones_by_threshold(petition) == {}

    fold_tally(petition_id=petition.pk, now=LATER, batch=3)

    assert milestones_by_threshold(petition) == {4: signatures[3].verified_at}


def test_a_milestone_touched_within_one_fold_stays_reached() -> None:
    petition = make_petition(ladder=[3])
    signatures = sign_every_second(petition, 3)
    withdraw(signatures[0], at=NOW + timedelta(minutes=1))

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {3: signatures[2].verified_at}


def test_a_withdrawal_before_the_nth_proof_moves_the_milestone_to_the_next_one() -> None:
    petition = make_petition(ladder=[3])
    first, _second = sign_every_second(petition, 2)
    withdraw(first, at=NOW + timedelta(minutes=1))
    later = sign_every_second(petition, 2, first_at=NOW + timedelta(minutes=2))

    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {3: later[1].verified_at}


def test_falling_below_and_rising_again_keeps_the_first_instant_and_tells_nobody_twice(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[2])
    signatures = sign_every_second(petition, 2)
    fold_tally(petition_id=petition.pk, now=NOW)
    invalidate(signatures[0], at=NOW + timedelta(minutes=1))
    fold_tally(petition_id=petition.pk, now=NOW)

    restore(signatures[0], at=NOW + timedelta(minutes=2))
    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {2: signatures[1].verified_at}
    assert len(kinds_and_keys()) == 1


def test_a_recount_finds_the_milestones_that_owed_entries_reach() -> None:
    petition = make_petition(ladder=[3])
    signatures = sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=NOW, batch=1)
    withdraw(signatures[0], at=NOW + timedelta(minutes=1))

    recount(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {3: signatures[2].verified_at}
    assert MilestoneNotice.objects.count() == 1


def test_milestones_of_several_petitions_come_oldest_first() -> None:
    one, other = make_petition(ladder=[1, 2]), make_petition(ladder=[1])
    sign_every_second(one, 2)
    make_signature(petition=other, verified_at=NOW - timedelta(days=1))
    for petition in (one, other):
        fold_tally(petition_id=petition.pk, now=LATER)

    found = milestones_of(petition_ids=[one.pk, other.pk])

    assert [(milestone.petition, milestone.threshold) for milestone in found] == [(other, 1), (one, 1), (one, 2)]
    assert milestones_of(petition_ids=[]) == []


# --- Who is told ----------------------------------------------------------------------------------------------------
def test_each_owner_and_organiser_is_told_once_of_each_milestone(bob: User, mona: User, team: Team) -> None:
    organiser = make_user(language="fr")
    make_membership(user=organiser, team=team, role=Role.ORGANISER)
    make_membership(user=make_user(is_active=False), team=team, role=Role.OWNER)
    petition = make_petition(team=team, ladder=[1, 2])
    sign_every_second(petition, 2)

    fold_tally(petition_id=petition.pk, now=LATER)

    one, two = Milestone.objects.order_by("threshold")
    assert kinds_and_keys() == [
        ("milestone_reached", f"milestone_reached:{milestone.pk}:user:{user.pk}")
        for milestone in (one, two)
        for user in (bob, organiser)
    ]
    assert list(OutgoingMessage.objects.order_by("id").values_list("language", flat=True)) == ["en", "fr"] * 2


def test_a_count_that_was_loaded_is_no_news(bob: User, team: Team) -> None:
    petition = make_petition(team=team, ladder=[2])
    load_signatures(petition, 5, owed=False)

    recount(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {2: NOW + timedelta(seconds=2)}
    assert kinds_and_keys() == []
    assert not MilestoneNotice.objects.exists()


def test_supporters_who_asked_are_told_in_bulk_priority() -> None:
    petition = make_petition(ladder=[3])
    asked = make_signature(petition=petition, wants_news=True, language="fr")
    make_signature(petition=petition, wants_news=False)
    gone = make_signature(petition=petition, wants_news=True)
    late = make_signature(petition=petition, wants_news=True, verified_at=NOW + timedelta(minutes=1))
    fold_tally(petition_id=petition.pk, now=LATER)
    invalidate(gone)

    while expand_milestone_notice(now=LATER):
        pass

    message = OutgoingMessage.objects.get(kind="milestone_news")
    assert message.unique_key == f"milestone_news:{Milestone.objects.get().pk}:signature:{asked.pk}"
    assert (message.language, message.priority) == ("fr", MessagePriority.BULK)
    assert str(late.pk) not in message.unique_key
    assert MilestoneNotice.objects.get().expanded_at == LATER


def test_supporters_are_told_of_the_highest_of_several_milestones_only() -> None:
    petition = make_petition(ladder=[1, 2])
    make_signature(petition=petition, wants_news=True)
    make_signature(petition=petition, verified_at=NOW + timedelta(seconds=1))

    fold_tally(petition_id=petition.pk, now=LATER)

    assert [notice.milestone.threshold for notice in MilestoneNotice.objects.all()] == [2]


def test_news_are_spread_in_batches_and_end() -> None:
    petition = make_petition(ladder=[5])
    for n in range(5):
        make_signature(petition=petition, wants_news=True, verified_at=NOW + timedelta(seconds=n))
    fold_tally(petition_id=petition.pk, now=LATER)

    written = [expand_milestone_notice(now=LATER, batch=2) for _ in range(4)]

    assert written == [2, 2, 1, 0]
    assert OutgoingMessage.objects.filter(kind="milestone_news").count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_tell_a_supporter_twice() -> None:
    petition = make_petition(ladder=[6])
    for n in range(6):
        make_signature(petition=petition, wants_news=True, verified_at=NOW + timedelta(seconds=n))
    fold_tally(petition_id=petition.pk, now=LATER)

    results_of(run_in_parallel(lambda: expand_milestone_notice(now=LATER, batch=3), times=4))
    while expand_milestone_notice(now=LATER, batch=3):
        pass

    assert OutgoingMessage.objects.filter(kind="milestone_news").count() == 6


@pytest.mark.django_db(transaction=True)
def test_folds_at_once_tell_of_a_milestone_once() -> None:
    owner = make_user()
    team = make_membership(user=owner, role=Role.OWNER).team
    petition = make_petition(team=team, ladder=[50])
    load_signatures(petition, 100)

    results_of(run_in_parallel(lambda: fold_tally(petition_id=petition.pk, now=LATER, batch=20), times=8))

    while fold_tally(petition_id=petition.pk, now=LATER):
        pass
    assert milestones_by_threshold(petition) == {50: NOW + timedelta(seconds=50)}
    assert OutgoingMessage.objects.count() == 1
    assert MilestoneNotice.objects.count() == 1


def test_a_minus_one_never_reaches_a_milestone() -> None:
    petition = make_petition(ladder=[2])
    signatures = sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=LATER)
    Milestone.objects.all().delete()

    make_tally_entry(signature=signatures[0], delta=-1, reason="withdrawn", occurred_at=LATER)
    fold_tally(petition_id=petition.pk, now=LATER)

    assert milestones_by_threshold(petition) == {}
