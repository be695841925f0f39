"""Cases that run and are undone while everything else goes on, each with a database connection of its own."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.conf import settings
from django.db import transaction

from accounts.models import AuditEntry
from petitions.actions.attempt_hours import fold_attempts
from petitions.actions.cases import IllegalCaseStep, advance_case, release_what_undone_cases_held
from petitions.actions.held import release_held
from petitions.actions.leaving import SignatureGone, withdraw_signature
from petitions.actions.signing import prove_attempt
from petitions.actions.tally import fold_tally
from petitions.models import (
    AttemptEntry,
    AttemptHour,
    CaseState,
    HeldReason,
    IntegrityCase,
    PendingSignature,
    Petition,
    ProvedBy,
    Signature,
    TallyEntry,
)
from petitions.queries.links import my_signature_token
from tests.factories import NOW, make_petition
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel
from tests.petitions.casework import (
    BAD_DOMAIN,
    HELD,
    OF_BOTS,
    advance_to_the_end,
    begin_run,
    begin_undoing,
    make_attempt,
    make_bots,
    make_case,
    make_done_case,
    organiser_of,
    owed_by,
)
from tests.petitions.counting import assert_count_is_true, load_signatures, state_of
from tests.petitions.test_tally_crashes import own_environment, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=3)
# A worker that dies in the middle of its third batch, when all of it is written and nothing is committed.
WORKER_THAT_DIES = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from django.utils import timezone
from petitions.actions.cases import advance_case
batches = 0
def die_in_the_third(execute, sql, params, many, context):
    global batches
    result = execute(sql, params, many, context)
    batches += "petitions_casemember" in sql
    if batches == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
with connection.execute_wrapper(die_in_the_third):
    while advance_case(case_id=int(sys.argv[1]), now=timezone.now(), batch=20):
        pass
"""


@pytest.fixture
def petition() -> Petition:
    return make_petition(ladder=[30, 60])


def all_of_one_domain(petition: Petition, n: int) -> None:
    load_signatures(petition, n)
    Signature.objects.filter(petition=petition).update(domain_digest=BAD_DOMAIN)


def outcome_counts(outcomes: list[object]) -> tuple[int, int]:
    refused = sum(isinstance(outcome, IllegalCaseStep) for outcome in outcomes)
    return len(outcomes) - refused, refused


def test_of_ten_who_run_one_case_one_does(petition: Petition) -> None:
    make_bots(petition, 2)
    case = make_case(petition)

    outcomes = run_in_parallel(lambda: begin_run(case), times=10)

    assert outcome_counts(outcomes) == (1, 9)
    assert AuditEntry.objects.filter(verb="case.run").count() == 1


def test_of_ten_who_undo_one_case_one_does(petition: Petition) -> None:
    make_bots(petition, 2)
    case = make_done_case(petition)

    outcomes = run_in_parallel(lambda: begin_undoing(case), times=10)

    assert outcome_counts(outcomes) == (1, 9)
    assert AuditEntry.objects.filter(verb="case.undone").count() == 1


def test_running_and_undoing_at_once_leaves_one_of_them(petition: Petition) -> None:
    all_of_one_domain(petition, 40)
    case = begin_run(make_case(petition))

    def undo_when_done() -> IntegrityCase:
        wait_until(lambda: IntegrityCase.objects.get(pk=case.pk).state == CaseState.DONE)
        return begin_undoing(case)

    work = partial(advance_until_nothing, case, batch=3)
    results_of(run_all_in_parallel([work, work, undo_when_done, work, work]))

    advance_to_the_end(case)
    case.refresh_from_db()
    assert (case.state, case.removed, case.restored) == (CaseState.UNDONE, 40, 40)
    assert owed_by(petition) == {"proved": 40, "invalidated": -40, "restored": 40}
    assert_count_is_true(petition)


def test_many_workers_at_one_case_remove_each_member_once(petition: Petition) -> None:
    all_of_one_domain(petition, 120)
    case = begin_run(make_case(petition))

    results_of(run_in_parallel(partial(advance_until_nothing, case, batch=7), times=6))

    advance_to_the_end(case)
    assert (case.removed, owed_by(petition)["invalidated"]) == (120, -120)
    assert_count_is_true(petition)


def test_two_cases_over_the_same_rows_remove_each_row_once(petition: Petition) -> None:
    all_of_one_domain(petition, 90)
    cases = [begin_run(make_case(petition)) for _ in range(2)]

    results_of(run_all_in_parallel([partial(advance_until_nothing, case, batch=5) for case in cases]))

    for case in cases:
        advance_to_the_end(case)
    assert sum(case.removed for case in cases) == 90
    assert owed_by(petition)["invalidated"] == -90
    assert_count_is_true(petition)
    results_of(run_all_in_parallel([partial(undo_all, case) for case in cases]))
    assert Signature.objects.counted().count() == 90
    assert_count_is_true(petition)


def test_the_count_is_true_in_every_snapshot_while_everything_goes_on(petition: Petition) -> None:
    all_of_one_domain(petition, 135)
    leaving = [signature.pk for signature in make_bots(petition, 15)]
    case = begin_run(make_case(petition))
    over = Event()

    def watch() -> int:
        looks = 0
        while not over.is_set() or not looks:
            state = state_of(petition)
            assert state.published + state.owed == state.counted, state
            assert state.in_buckets == state.published, state
            looks += 1
        return looks

    def fold() -> None:
        while not over.is_set():
            fold_tally(petition_id=petition.pk, now=LATER, batch=7)

    def leave() -> None:
        for pk in leaving:
            withdraw_signature(token=my_signature_token(signature_id=pk, now=NOW), now=NOW)

    def sign() -> None:
        for _ in range(30):
            with transaction.atomic():
                make_bots(petition, 1)

    def run_and_undo() -> None:
        try:
            advance_until_nothing(case, batch=10)
            undo_all(begin_undoing(case), batch=10)
        finally:
            over.set()

    results_of(run_all_in_parallel([watch, fold, leave, sign, run_and_undo]))

    assert_count_is_true(petition)
    assert Signature.objects.counted().count() == 150 - len(leaving) + 30


def test_releasing_and_removing_at_once_leaves_the_count_true(petition: Petition) -> None:
    held = make_bots(petition, 40, held=HELD)
    case = begin_run(make_case(petition))
    actor = organiser_of(petition)

    def release() -> int:
        ids = [signature.pk for signature in held]
        released = release_held(petition=petition, signature_ids=ids, attempt_ids=[], actor=actor, now=NOW)
        return released.signatures

    outcomes = results_of(run_all_in_parallel([release, partial(advance_until_nothing, case, batch=5), release]))

    advance_to_the_end(case)
    assert case.removed <= (outcomes[0] or 0) + (outcomes[2] or 0) <= 40
    assert not Signature.objects.counted().exists()
    assert_count_is_true(petition)


def test_twenty_who_release_one_signature_count_it_once(petition: Petition) -> None:
    (held,) = make_bots(petition, 1, held=HELD)
    actor = organiser_of(petition)
    release = partial(release_held, petition=petition, signature_ids=[held.pk], attempt_ids=[], actor=actor, now=NOW)

    outcomes = results_of(run_in_parallel(release))

    assert sum(released.signatures for released in outcomes) == 1
    assert owed_by(petition) == {"proved": 1}
    assert AuditEntry.objects.filter(verb="held.released").count() == 1


def test_a_withdrawal_during_a_preview_loses_neither(petition: Petition) -> None:
    bots = make_bots(petition, 20)
    actor = organiser_of(petition)
    tokens = [my_signature_token(signature_id=bot.pk, now=NOW) for bot in bots[:10]]
    leave = [partial(withdraw_signature, token=token, now=NOW) for token in tokens]

    acts: list[Callable[[], object]] = [*leave, partial(make_case, petition, conditions=OF_BOTS, actor=actor)]
    outcomes = run_all_in_parallel(acts)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    case = advance_to_the_end(begin_run(IntegrityCase.objects.get()))
    assert (Signature.objects.count(), case.removed) == (10, 10)
    assert_count_is_true(petition)


def test_who_withdraws_twenty_times_while_a_case_runs_leaves_once(petition: Petition) -> None:
    (bot,) = make_bots(petition, 1)
    case = begin_run(make_case(petition))
    token = my_signature_token(signature_id=bot.pk, now=NOW)

    leave = [partial(withdraw_signature, token=token, now=NOW)] * 9
    outcomes = run_all_in_parallel([*leave, partial(advance_until_nothing, case)])

    assert sum(isinstance(outcome, SignatureGone) for outcome in outcomes) == 8
    assert sum(TallyEntry.objects.values_list("delta", flat=True)) == 0
    assert_count_is_true(petition)


def test_proofs_while_a_case_is_undone_are_never_left_held(petition: Petition) -> None:
    attempts = [make_attempt(petition, domain_digest=BAD_DOMAIN) for _ in range(30)]
    case = begin_undoing(make_done_case(petition))

    results_of(
        run_all_in_parallel(
            [partial(prove_as_it_is, attempt) for attempt in attempts] + [partial(advance_until_nothing, case, batch=2)]
        )
    )

    advance_to_the_end(case)
    assert Signature.objects.counted().count() == 30
    assert_count_is_true(petition)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_and_the_next_one_goes_on(petition: Petition) -> None:
    all_of_one_domain(petition, 100)
    case = begin_run(make_case(petition))

    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER_THAT_DIES, str(case.pk)], env=own_environment(), cwd=settings.BASE_DIR
    )

    assert worker.wait(60) == -signal.SIGKILL
    wait_until(lambda: advance_case(case_id=case.pk, now=NOW, batch=20) > 0)  # its locks go with its connection
    assert_count_is_true(petition)
    case = advance_to_the_end(case)
    assert (case.state, case.removed, case.handled) == (CaseState.DONE, 100, 100)
    assert owed_by(petition)["invalidated"] == -100
    assert_count_is_true(petition)


def test_many_folds_of_attempts_count_each_once(petition: Petition) -> None:
    entries = [
        AttemptEntry(petition=petition, occurred_at=NOW + timedelta(minutes=n), held_reason=reason)
        for n in range(150)
        for reason in ("", HeldReason.HONEYPOT)
    ]
    AttemptEntry.objects.bulk_create(entries)

    def fold_all() -> int:
        return sum(iter(lambda: fold_attempts(batch=7), 0))

    folded = results_of(run_in_parallel(fold_all, times=6))

    while more := fold_attempts():
        folded.append(more)
    assert sum(folded) == 300
    assert sum(AttemptHour.objects.values_list("n", flat=True)) == 300
    assert AttemptHour.objects.get(starts_at=NOW, held_reason="honeypot").n == 60


def advance_until_nothing(case: IntegrityCase, *, batch: int = 500) -> None:
    while advance_case(case_id=case.pk, now=NOW, batch=batch):
        pass


def undo_all(case: IntegrityCase, *, batch: int = 5) -> None:
    if IntegrityCase.objects.get(pk=case.pk).state == CaseState.DONE:
        begin_undoing(case)
    advance_until_nothing(case, batch=batch)
    release_what_undone_cases_held(now=NOW)


def prove_as_it_is(attempt: PendingSignature) -> None:
    """A proof as signing does it: what the attempt says at that instant becomes the signature's."""
    with transaction.atomic():
        prove_attempt(attempt=attempt, title="A title", proved_by=ProvedBy.MAIL, now=NOW)
