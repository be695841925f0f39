"""Signing, proving and leaving at the same instant, each with a database connection of its own."""

from functools import partial

import pytest

from outbox.models import OutgoingMessage
from petitions.actions.leaving import SignatureGone, withdraw_signature
from petitions.actions.signing import release_attempt, renew_link
from petitions.models import PendingSignature, Petition, Signature, TallyEntry
from petitions.queries.links import my_signature_token, proof_token
from petitions.queries.sealed import name_of
from petitions.rules.defence import Judgement
from petitions.rules.typed import TypedDetails
from tests.factories import ALICE, NOW, make_pending_signature, make_petition, make_signature
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel
from tests.petitions.signing_steps import prove_by, sign, signed_and_mailed

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 50


def test_fifty_proofs_of_one_link_count_once_and_all_succeed() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)

    outcomes = run_in_parallel(lambda: prove_by(token=token, now=NOW), times=CLICKS)

    assert results_of(outcomes) == [petition] * CLICKS
    _assert_counted_once(petition)


def test_fifty_links_of_one_person_count_once_and_all_succeed() -> None:
    petition = make_petition()
    # More than the day's three mails, as they would pile up over days: each has its own row and link.
    attempts = [make_pending_signature(petition=petition, email=ALICE, mail_number=None) for _ in range(CLICKS)]
    tokens = [proof_token(attempt=attempt, now=NOW) for attempt in attempts]

    outcomes = run_all_in_parallel([partial(prove_by, token=token, now=NOW) for token in tokens])

    assert results_of(outcomes) == [petition] * CLICKS
    _assert_counted_once(petition)


def test_fifty_corrected_proofs_of_fifty_links_count_once_and_wait_for_nobody() -> None:
    petition = make_petition()
    attempts = [make_pending_signature(petition=petition, email=ALICE, mail_number=None) for _ in range(CLICKS)]
    names = [f"Alice {number}" for number in range(CLICKS)]
    proofs = [
        partial(
            prove_by,
            token=proof_token(attempt=attempt, now=NOW),
            corrected=TypedDetails(name=name, country="GB"),
            now=NOW,
        )
        for attempt, name in zip(attempts, names, strict=True)
    ]

    outcomes = run_all_in_parallel(proofs)

    assert results_of(outcomes) == [petition] * CLICKS
    _assert_counted_once(petition)
    assert name_of(Signature.objects.get()) in names


def test_a_release_and_a_proof_at_once_count_at_most_once() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition, judgement=Judgement(held_reason="disposable"))
    attempt_id = PendingSignature.objects.get().pk

    outcomes = run_all_in_parallel(
        [
            lambda: release_attempt(attempt_id=attempt_id, now=NOW),
            lambda: bool(prove_by(token=token, now=NOW)),
        ]
        * 5
    )

    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, PendingSignature.DoesNotExist) for error in errors)
    is_held = Signature.objects.get().held_at is not None
    assert TallyEntry.objects.count() == (0 if is_held else 1)


def test_ten_presses_for_a_new_link_owe_three_mails_a_day() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)

    results_of(run_in_parallel(lambda: renew_link(token=token, now=NOW), times=10))

    assert OutgoingMessage.objects.count() == 3


def test_twenty_posts_for_one_address_owe_three_mails() -> None:
    petition = make_petition()

    results_of(run_in_parallel(lambda: sign(petition), times=20))

    numbers = PendingSignature.objects.order_by("mail_number").values_list("mail_number", flat=True)
    assert list(numbers) == [1, 2, 3]
    assert OutgoingMessage.objects.count() == 3


def test_signing_and_proving_at_once_leave_one_signature_that_counts() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)

    acts = [lambda: sign(petition), lambda: prove_by(token=token, now=NOW)] * 5
    results_of(run_all_in_parallel(acts))

    assert (Signature.objects.count(), TallyEntry.objects.count()) == (1, 1)
    assert OutgoingMessage.objects.exclude(kind="signature_confirmed").count() == 3


def test_twenty_withdrawals_owe_minus_one_once() -> None:
    signature = make_signature(owed=False)
    token = my_signature_token(signature_id=signature.pk, now=NOW)

    outcomes = run_in_parallel(lambda: withdraw_signature(token=token, now=NOW))

    assert sum(isinstance(outcome, SignatureGone) for outcome in outcomes) == 19
    assert [entry.delta for entry in TallyEntry.objects.all()] == [-1]


def test_proving_and_withdrawing_at_once_owe_what_is_there() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, email=ALICE)
    attempt = make_pending_signature(petition=petition, email=ALICE)
    withdrawal = my_signature_token(signature_id=signature.pk, now=NOW)
    proof = proof_token(attempt=attempt, now=NOW)

    run_all_in_parallel(
        [lambda: withdraw_signature(token=withdrawal, now=NOW), lambda: prove_by(token=proof, now=NOW)] * 5
    )

    assert sum(TallyEntry.objects.values_list("delta", flat=True)) == Signature.objects.count()


def _assert_counted_once(petition: Petition) -> None:
    assert Signature.objects.filter(petition=petition).count() == 1
    assert TallyEntry.objects.filter(petition=petition).count() == 1
    assert OutgoingMessage.objects.filter(kind="signature_confirmed").count() == 1
    assert not PendingSignature.objects.exists()
