"""The fold: what is owed becomes the count, once, whatever happens meanwhile."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from petitions.actions.tally import fold_tally, recount
from petitions.models import Tally, TallyBucket, TallyEntry, TallyReasonTotal
from petitions.queries.counts import published_count
from tests.factories import NOW, make_petition, make_signature, make_tally_entry
from tests.parallel import results_of, run_in_parallel
from tests.petitions.counting import (
    assert_count_is_true,
    blocks_read,
    buckets_of,
    invalidate,
    load_signatures,
    milestones_by_threshold,
    quarter_of,
    restore,
    sign_every_second,
    withdraw,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_proved_signatures_become_the_count() -> None:
    petition = make_petition()
    sign_every_second(petition, 3)

    folded = fold_tally(petition_id=petition.pk, now=LATER)

    assert folded == 3
    assert published_count(petition_id=petition.pk) == 3
    assert Tally.objects.get(petition=petition).as_of == LATER
    assert not TallyEntry.objects.exists()
    assert_count_is_true(petition)


def test_folding_when_nothing_is_owed_changes_nothing() -> None:
    petition = make_petition()
    make_signature(petition=petition)
    fold_tally(petition_id=petition.pk, now=NOW)

    folded = fold_tally(petition_id=petition.pk, now=LATER)

    assert folded == 0
    assert Tally.objects.get(petition=petition).as_of == NOW
    assert published_count(petition_id=petition.pk) == 1


def test_a_petition_without_signatures_has_a_count_of_zero() -> None:
    petition = make_petition()

    assert fold_tally(petition_id=petition.pk, now=NOW) == 0
    assert published_count(petition_id=petition.pk) == 0


def test_signatures_fall_into_the_quarter_hour_country_and_channel_of_their_proof() -> None:
    petition = make_petition()
    first = make_signature(petition=petition, country="FR", verified_at=NOW)
    make_signature(petition=petition, country="FR", verified_at=NOW + timedelta(minutes=14, seconds=59))
    make_signature(petition=petition, country="", verified_at=NOW + timedelta(minutes=15))

    fold_tally(petition_id=petition.pk, now=LATER)

    later_quarter = quarter_of(first) + timedelta(minutes=15)
    assert buckets_of(petition) == {(quarter_of(first), "FR", "web"): 2, (later_quarter, "", "web"): 1}


def test_a_withdrawal_leaves_the_bucket_that_the_signature_entered() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, verified_at=NOW)
    make_signature(petition=petition, verified_at=NOW)
    fold_tally(petition_id=petition.pk, now=NOW)

    withdraw(signature, at=NOW + timedelta(days=3))
    fold_tally(petition_id=petition.pk, now=NOW + timedelta(days=3))

    assert list(buckets_of(petition).values()) == [1]
    assert published_count(petition_id=petition.pk) == 1
    assert_count_is_true(petition)


@pytest.mark.parametrize("batch", [1, 2, 20_000])
def test_a_withdrawal_before_the_first_fold_never_goes_below_zero(batch: int) -> None:
    petition = make_petition()
    withdraw(make_signature(petition=petition))

    while fold_tally(petition_id=petition.pk, now=NOW, batch=batch):
        assert_count_is_true(petition)

    assert published_count(petition_id=petition.pk) == 0
    assert buckets_of(petition) == {}


def test_a_batch_bounds_what_one_fold_takes_and_takes_the_oldest() -> None:
    petition = make_petition()
    signatures = sign_every_second(petition, 5)

    assert fold_tally(petition_id=petition.pk, now=LATER, batch=2) == 2
    assert published_count(petition_id=petition.pk) == 2
    left = TallyEntry.objects.order_by("id").values_list("occurred_at", flat=True)
    assert list(left) == [signature.verified_at for signature in signatures[2:]]
    assert_count_is_true(petition)


def test_a_batch_never_ends_within_a_correction() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition)
    for delta in (-1, 1):
        make_tally_entry(signature=signature, delta=delta, reason="corrected", occurred_at=LATER)

    while fold_tally(petition_id=petition.pk, now=LATER, batch=1):
        assert_count_is_true(petition)


def test_each_petition_is_folded_for_itself() -> None:
    one, other = make_petition(), make_petition()
    sign_every_second(one, 2)
    sign_every_second(other, 3)

    fold_tally(petition_id=one.pk, now=NOW)

    assert published_count(petition_id=one.pk) == 2
    assert published_count(petition_id=other.pk) == 0
    assert TallyEntry.objects.filter(petition=other).count() == 3


def test_reasons_say_how_the_count_came_about() -> None:
    petition = make_petition()
    _kept, withdrawn, removed, restored = sign_every_second(petition, 4)
    withdraw(withdrawn)
    invalidate(removed)
    invalidate(restored)
    restore(restored)

    fold_tally(petition_id=petition.pk, now=LATER)

    reasons = dict(TallyReasonTotal.objects.filter(petition=petition).values_list("reason", "n"))
    assert reasons == {"proved": 4, "withdrawn": 1, "invalidated": 2, "restored": 1}
    assert published_count(petition_id=petition.pk) == 2
    assert_count_is_true(petition)


def test_a_bucket_that_everybody_left_is_gone() -> None:
    petition = make_petition()
    signature, _other = make_signature(petition=petition), make_signature(petition=petition, country="DE")
    fold_tally(petition_id=petition.pk, now=NOW)

    withdraw(signature)
    fold_tally(petition_id=petition.pk, now=LATER)

    assert [bucket.country for bucket in petition.buckets.all()] == ["DE"]
    assert_count_is_true(petition)


def test_a_batch_that_ends_between_two_clocks_takes_more() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition)
    withdraw(signature, at=NOW - timedelta(seconds=1))  # by a server whose clock is behind
    make_signature(petition=petition, verified_at=NOW + timedelta(seconds=1))

    assert fold_tally(petition_id=petition.pk, now=LATER, batch=1) == 3

    assert published_count(petition_id=petition.pk) == 1
    assert_count_is_true(petition)


def test_what_no_signature_stands_behind_is_not_folded_below_zero() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, owed=False)
    make_tally_entry(signature=signature, delta=-1, reason="withdrawn")

    with pytest.raises(IntegrityError, match=r"tally_total_not_negative|tally_bucket_positive"):
        fold_tally(petition_id=petition.pk, now=LATER)


def test_the_database_refuses_a_negative_bucket_and_a_negative_total() -> None:
    petition = make_petition()

    with pytest.raises(IntegrityError, match="tally_total_not_negative"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO petitions_tally (petition_id, total, as_of) VALUES (%s, -1, now())", [petition.pk])


# --- Recounting -----------------------------------------------------------------------------------------------------
def test_a_recount_says_what_the_folds_said() -> None:
    petition = make_petition(ladder=[2, 5, 100])
    first, second, third, *_rest = sign_every_second(petition, 7)
    fold_tally(petition_id=petition.pk, now=LATER, batch=3)
    withdraw(first)
    invalidate(second)
    invalidate(third)
    restore(third)
    while fold_tally(petition_id=petition.pk, now=LATER, batch=3):
        pass
    by_increments = (published_count(petition_id=petition.pk), buckets_of(petition), milestones_by_threshold(petition))

    total = recount(petition_id=petition.pk, now=LATER)

    assert total == 5
    recounted = (published_count(petition_id=petition.pk), buckets_of(petition), milestones_by_threshold(petition))
    assert recounted == by_increments
    assert_count_is_true(petition)


def test_a_recount_settles_what_is_owed_and_never_counts_it_twice() -> None:
    petition = make_petition()
    signatures = sign_every_second(petition, 4)
    fold_tally(petition_id=petition.pk, now=NOW, batch=2)
    withdraw(signatures[0])

    recount(petition_id=petition.pk, now=NOW)
    folded_after = fold_tally(petition_id=petition.pk, now=LATER)

    assert folded_after == 0
    assert published_count(petition_id=petition.pk) == 3
    assert_count_is_true(petition)


def test_a_recount_counts_signatures_that_were_loaded_without_entries() -> None:
    petition = make_petition(ladder=[10, 100])
    load_signatures(petition, 30, owed=False)

    assert recount(petition_id=petition.pk, now=LATER) == 30
    assert milestones_by_threshold(petition) == {10: NOW + timedelta(seconds=10)}
    assert_count_is_true(petition)


def test_a_recount_of_what_was_just_loaded_does_not_compare_all_cells_with_all() -> None:
    petition = make_petition()
    quarters = 4_000
    load_signatures(petition, quarters, apart=timedelta(minutes=15), owed=False)

    recount(petition_id=petition.pk, now=LATER)
    recount(petition_id=petition.pk, now=LATER)

    assert TallyBucket.objects.count() == quarters
    assert blocks_read(TallyBucket) < 8 * quarters


def test_a_fold_reads_each_entry_a_few_times_also_where_the_planner_expects_none() -> None:
    other, petition = make_petition(slug="other"), make_petition()
    entries = 2_000
    load_signatures(other, entries, apart=timedelta(minutes=15))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE petitions_tallyentry")  # all that is owed is the other's, it will say
    TallyEntry.objects.all().delete()
    load_signatures(petition, entries, apart=timedelta(minutes=15), first_number=entries)
    read_before = blocks_read(TallyEntry)

    assert fold_tally(petition_id=petition.pk, now=LATER) == entries
    assert blocks_read(TallyEntry) - read_before < 8 * entries
    assert_count_is_true(petition)


def test_a_batch_of_a_backlog_leaves_the_rest_unread() -> None:
    petition = make_petition()
    load_signatures(petition, 10_000, apart=timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE petitions_tallyentry")
    read_before = blocks_read(TallyEntry)

    assert fold_tally(petition_id=petition.pk, now=LATER, batch=10) == 10
    assert blocks_read(TallyEntry) - read_before < 60  # all of them lie in more than a hundred


# --- At once --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_four_folds_at_once_pay_each_entry_once() -> None:
    petition = make_petition(ladder=[500])
    load_signatures(petition, 1_000)

    def fold_until_paid() -> int:
        folded = 0
        while TallyEntry.objects.exists():
            folded += fold_tally(petition_id=petition.pk, now=LATER, batch=100)
        return folded

    outcomes = results_of(run_in_parallel(fold_until_paid, times=4))

    assert sum(outcomes) == 1_000
    assert published_count(petition_id=petition.pk) == 1_000
    assert milestones_by_threshold(petition) == {500: NOW + timedelta(seconds=500)}
    assert_count_is_true(petition)


@pytest.mark.django_db(transaction=True)
def test_recounts_and_folds_at_once_agree() -> None:
    petition = make_petition()
    load_signatures(petition, 600)

    def recount_and_fold() -> None:
        recount(petition_id=petition.pk, now=LATER)
        with transaction.atomic():  # a signature and what it owes are one
            make_signature(petition=petition)
        fold_tally(petition_id=petition.pk, now=LATER)

    results_of(run_in_parallel(recount_and_fold, times=4))
    fold_tally(petition_id=petition.pk, now=LATER)

    assert published_count(petition_id=petition.pk) == 604
    assert_count_is_true(petition)
