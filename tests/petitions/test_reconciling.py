"""The reconciler: it walks through all of history piece by piece, finds every kind of error, mends it and says so."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import Role, Team, User
from outbox.models import OutgoingMessage
from petitions.actions.reconciling import check_tally, reconcile_tallies, repair_tally
from petitions.actions.tally import fold_tally
from petitions.models import (
    Petition,
    Signature,
    Tally,
    TallyBucket,
    TallyCheck,
    TallyEntry,
    TallyHour,
    TallyReasonTotal,
    TallyRepair,
    TallyRepairCell,
)
from petitions.queries.counts import published_count
from petitions.queries.reconciliation import Window, petitions_by_last_check, window_from, wrong_cells
from tests.factories import NOW, make_membership, make_petition, make_signature, make_tally_entry, make_user
from tests.parallel import results_of, run_in_parallel
from tests.petitions.counting import assert_count_is_true, load_signatures, quarter_of, sign_every_second, withdraw
from tests.petitions.signing_steps import statements_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=30)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def petition() -> Petition:
    """Three signatures in each of eight quarter hours, all folded."""
    petition = make_petition()
    for quarter in range(8):
        sign_every_second(petition, 3, first_at=NOW + quarter * QUARTER)
    fold_tally(petition_id=petition.pk, now=LATER)
    return petition


def check_of(petition: Petition) -> TallyCheck:
    return TallyCheck.objects.get(petition=petition)


def alarms() -> list[str]:
    return list(OutgoingMessage.objects.filter(kind="tally_drift").order_by("id").values_list("unique_key", flat=True))


# --- Finding and mending --------------------------------------------------------------------------------------------
def test_a_true_count_needs_no_repair(petition: Petition) -> None:
    withdraw(Signature.objects.earliest("id"))
    make_signature(petition=petition)

    assert reconcile_tallies(now=LATER) == []
    assert not TallyRepair.objects.exists()
    assert not alarms()
    assert check_of(petition).drift == 0


def total(petition: Petition) -> None:
    Tally.objects.filter(petition=petition).update(total=30)


def reasons(petition: Petition) -> None:
    TallyReasonTotal.objects.filter(petition=petition).update(n=30)


def more_restored_than_ever_removed(petition: Petition) -> None:
    TallyReasonTotal.objects.create(petition=petition, reason="restored", n=90)


def bucket(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW).update(n=30)


def two_buckets_that_cancel_each_other_out(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW).update(n=2)
    TallyBucket.objects.filter(petition=petition, starts_at=NOW + QUARTER).update(n=4)


def bucket_of_nobody(petition: Petition) -> None:
    TallyBucket.objects.create(petition=petition, starts_at=NOW + QUARTER, country="ZZ", channel="web", n=1)


def country_of_a_bucket(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW).update(country="DE")


def lost_bucket(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW).delete()


def hour(petition: Petition) -> None:
    TallyHour.objects.filter(petition=petition).update(n=30)


def entry_of_nobody(petition: Petition) -> None:
    make_tally_entry(signature=Signature.objects.earliest("id"))


def signature_that_owed_nothing(petition: Petition) -> None:
    make_signature(petition=petition, owed=False)


def signature_gone_without_a_word(petition: Petition) -> None:
    Signature.objects.filter(petition=petition).latest("id").delete()


ERRORS = [
    total,
    reasons,
    more_restored_than_ever_removed,
    bucket,
    two_buckets_that_cancel_each_other_out,
    bucket_of_nobody,
    country_of_a_bucket,
    lost_bucket,
    hour,
    entry_of_nobody,
    signature_that_owed_nothing,
    signature_gone_without_a_word,
]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("is_folded", [True, False])
def test_every_kind_of_error_is_found_repaired_and_recorded(
    petition: Petition, error: Callable[[Petition], None], is_folded: bool
) -> None:
    error(petition)
    if is_folded:
        fold_tally(petition_id=petition.pk, now=LATER)

    (repair,) = reconcile_tallies(now=LATER)

    assert_count_is_true(petition)
    assert published_count(petition_id=petition.pk) == Signature.objects.counted().count()
    assert repair.counted == Signature.objects.count()
    assert reconcile_tallies(now=LATER) == []
    assert check_of(petition).drift == 0


def test_a_repair_keeps_what_was_wrong(petition: Petition, caplog: pytest.LogCaptureFixture) -> None:
    two_buckets_that_cancel_each_other_out(petition)
    total(petition)

    (repair,) = reconcile_tallies(now=LATER)

    assert (repair.published, repair.owed, repair.counted, repair.in_buckets) == (30, 0, 24, 24)
    assert (repair.by_reasons, repair.in_hours, repair.wrong_cells) == (24, 24, 2)
    cells = TallyRepairCell.objects.filter(repair=repair).order_by("starts_at")
    assert [(cell.starts_at, cell.country, cell.published, cell.owed, cell.counted) for cell in cells] == [
        (NOW, "FR", 2, 0, 3),
        (NOW + QUARTER, "FR", 4, 0, 3),
    ]
    assert [record.message for record in caplog.records] == ["tally_drift"]


def test_a_repair_keeps_some_of_very_many_wrong_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.actions.reconciling.MOST_CELLS", 5)
    petition = make_petition()
    load_signatures(petition, 2_000, owed=False)

    repair = repair_tally(petition_id=petition.pk, now=LATER)

    assert repair is not None
    assert repair.wrong_cells == 9  # three quarter hours of three countries
    assert TallyRepairCell.objects.filter(repair=repair).count() == 5
    assert_count_is_true(petition)


# --- Walking --------------------------------------------------------------------------------------------------------
def test_a_walk_comes_by_everything_and_begins_anew(petition: Petition) -> None:
    positions = []
    for minute in range(5):
        check_tally(petition_id=petition.pk, now=LATER + timedelta(minutes=minute), window=6)
        positions.append(check_of(petition).position)

    # Whole quarter hours of three; the last look finds no sixth signature, and so the end.
    assert positions == [NOW + 2 * QUARTER, NOW + 4 * QUARTER, NOW + 6 * QUARTER, NOW + 8 * QUARTER, None]
    check = check_of(petition)
    assert (check.lap_started_at, check.lap_finished_at) == (LATER, LATER + timedelta(minutes=4))
    check_tally(petition_id=petition.pk, now=MUCH_LATER, window=6)
    assert check_of(petition).lap_started_at == MUCH_LATER


def test_a_window_never_cuts_a_quarter_hour_in_two(petition: Petition) -> None:
    window = window_from(petition_id=petition.pk, since=None, size=4)

    assert window == Window(since=None, until=NOW + 2 * QUARTER)
    assert window_from(petition_id=petition.pk, since=window.until, size=1).until == NOW + 3 * QUARTER
    assert window_from(petition_id=petition.pk, since=window.until, size=1_000).until is None


def looks_until_repaired(petition: Petition, *, now: datetime) -> int:
    for looks in range(1, 20):
        if check_tally(petition_id=petition.pk, now=now, window=3):
            return looks
    raise AssertionError("never repaired")


def test_an_old_error_is_found_when_the_walk_comes_by(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW + 3 * QUARTER).update(country="DE")

    assert looks_until_repaired(petition, now=MUCH_LATER) == 4
    assert_count_is_true(petition)


def test_an_error_of_the_newest_hours_is_found_at_once(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition, starts_at=NOW + 7 * QUARTER).update(country="DE")

    assert looks_until_repaired(petition, now=NOW + 8 * QUARTER) == 1


def test_a_total_that_differs_from_its_reasons_is_found_at_once(petition: Petition) -> None:
    total(petition)

    assert looks_until_repaired(petition, now=MUCH_LATER) == 1


def test_sums_that_agree_only_with_each_other_are_found_at_the_end_of_a_lap(petition: Petition) -> None:
    total(petition)
    reasons(petition)

    assert looks_until_repaired(petition, now=MUCH_LATER) == 9
    assert published_count(petition_id=petition.pk) == 24


def test_a_window_reads_its_own_part_of_the_history_only(petition: Petition) -> None:
    TallyBucket.objects.filter(petition=petition).update(country="DE")

    cells = wrong_cells(petition_id=petition.pk, window=Window(since=NOW + QUARTER, until=NOW + 3 * QUARTER))

    assert {cell.starts_at for cell in cells} == {NOW + QUARTER, NOW + 2 * QUARTER}


def test_a_large_backlog_is_folded_before_it_is_looked_at(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.actions.reconciling.MOST_OWED", 2)
    sign_every_second(petition, 3, first_at=LATER)

    assert check_tally(petition_id=petition.pk, now=MUCH_LATER) is None
    assert check_of(petition).lap_finished_at is None

    fold_tally(petition_id=petition.pk, now=MUCH_LATER)
    check_tally(petition_id=petition.pk, now=MUCH_LATER)
    assert check_of(petition).lap_finished_at == MUCH_LATER


def test_who_has_waited_longest_is_looked_at_first(petition: Petition) -> None:
    others = [make_petition(), make_petition()]
    check_tally(petition_id=petition.pk, now=NOW)
    check_tally(petition_id=others[0].pk, now=LATER)

    assert petitions_by_last_check() == [others[1].pk, petition.pk, others[0].pk]


def test_a_look_asks_a_bounded_number_of_questions(petition: Petition) -> None:
    check_tally(petition_id=petition.pk, now=LATER, window=6)

    asked = statements_of(lambda: check_tally(petition_id=petition.pk, now=LATER, window=6))

    assert len(asked) == 9
    assert not [sql for sql in asked if "pg_advisory" in sql]  # nobody who folds or signs waits for a look


# --- Telling --------------------------------------------------------------------------------------------------------
def test_owners_and_operators_are_told_once_of_a_drift(bob: User, mona: User, team: Team) -> None:
    operator = make_user(is_superuser=True, is_staff=True, language="fr")
    make_user(is_superuser=True, is_active=False)
    make_membership(user=make_user(), team=team, role=Role.ORGANISER)
    make_membership(user=make_user(), role=Role.OWNER)  # of another team
    petition = make_petition(team=team)
    make_signature(petition=petition, owed=False)

    (repair,) = reconcile_tallies(now=LATER)
    reconcile_tallies(now=LATER)

    assert alarms() == [f"tally_drift:{repair.pk}:user:{user.pk}" for user in (bob, operator)]
    message = OutgoingMessage.objects.with_payload().get(unique_key=alarms()[1])
    context = message.payload().context
    assert message.language == "fr"
    assert (context["shown"], context["right"], context["repair"]) == (0, 1, repair.pk)


def test_an_error_that_comes_again_and_again_is_told_hourly(bob: User, team: Team) -> None:
    petition = make_petition(team=team)
    make_signature(petition=petition)
    fold_tally(petition_id=petition.pk, now=NOW)

    for minutes in (0, 10, 20, 90):
        Tally.objects.update(total=5)
        reconcile_tallies(now=LATER + timedelta(minutes=minutes))

    assert TallyRepair.objects.count() == 4
    assert len(alarms()) == 2


# --- At once --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_four_reconcilers_at_once_repair_once_and_tell_once() -> None:
    petition = make_petition(team=make_membership(role=Role.OWNER).team)
    load_signatures(petition, 100)
    fold_tally(petition_id=petition.pk, now=NOW)
    Tally.objects.update(total=7)

    outcomes = results_of(run_in_parallel(lambda: reconcile_tallies(now=LATER), times=4))

    assert len([repair for repairs in outcomes for repair in repairs]) == 1
    assert len(alarms()) == 1
    assert_count_is_true(petition)


@pytest.mark.django_db(transaction=True)
def test_a_repair_while_people_sign_counts_everybody_once() -> None:
    petition = make_petition()
    load_signatures(petition, 300)
    fold_tally(petition_id=petition.pk, now=NOW, batch=200)
    TallyBucket.objects.update(n=1)

    def sign_and_reconcile() -> None:
        with transaction.atomic():
            make_signature(petition=petition)
        reconcile_tallies(now=LATER)
        fold_tally(petition_id=petition.pk, now=LATER)

    results_of(run_in_parallel(sign_and_reconcile, times=6))
    fold_tally(petition_id=petition.pk, now=LATER)

    assert published_count(petition_id=petition.pk) == 306
    assert not TallyEntry.objects.exists()
    assert TallyRepair.objects.count() == 1
    assert_count_is_true(petition)


def test_the_quarter_hour_of_a_cell_is_that_of_the_bucket() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, owed=False, verified_at=NOW + timedelta(minutes=29, seconds=59))

    (cell,) = wrong_cells(petition_id=petition.pk, window=Window())

    assert (cell.starts_at, cell.counted, cell.drift) == (quarter_of(signature), 1, 1)
