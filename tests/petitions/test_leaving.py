"""What supporters do with their own signature, by its link alone."""

from datetime import timedelta

import pytest

from accounts.tokens import BadToken
from petitions.actions.leaving import SignatureGone, erase_signature, withdraw_signature
from petitions.actions.purging import erase_old_addresses, forget_erased_identities, purge_expired_attempts
from petitions.models import PendingSignature, Petition, PetitionState, Signature, TallyEntry
from petitions.queries.links import my_signature_token, proof_token
from petitions.rules.periods import bucket_start
from tests.factories import ALICE, NOW, make_pending_signature, make_petition, make_signature
from tests.petitions.signing_steps import prove_by, signed_and_mailed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=5)


def link_to(signature: Signature) -> str:
    return my_signature_token(signature_id=signature.pk, now=NOW)


def test_withdrawing_deletes_the_row_and_owes_the_bucket_that_the_signature_entered() -> None:
    signature = make_signature(owed=False)

    withdraw_signature(token=link_to(signature), now=LATER)

    entry = TallyEntry.objects.get()
    assert not Signature.objects.exists()
    assert (entry.delta, entry.reason, entry.occurred_at) == (-1, "withdrawn", LATER)
    assert (entry.bucket_at, entry.country) == (bucket_start(signature.verified_at), signature.country)


def test_withdrawing_takes_the_persons_attempts_along() -> None:
    signature = make_signature(email=ALICE)
    make_pending_signature(petition=signature.petition, email=ALICE)
    make_pending_signature(petition=signature.petition, email="charlie@example.org")

    withdraw_signature(token=link_to(signature), now=LATER)

    assert PendingSignature.objects.count() == 1


def test_withdrawing_twice_owes_once() -> None:
    signature = make_signature(owed=False)
    withdraw_signature(token=link_to(signature), now=LATER)

    with pytest.raises(SignatureGone):
        withdraw_signature(token=link_to(signature), now=LATER)

    assert TallyEntry.objects.count() == 1


def test_withdrawing_what_was_invalidated_owes_nothing_more() -> None:
    signature = make_signature(invalidated_at=LATER)

    withdraw_signature(token=link_to(signature), now=LATER)

    assert not TallyEntry.objects.exists()


def test_a_forged_link_withdraws_nothing() -> None:
    signature = make_signature()

    with pytest.raises(BadToken):
        withdraw_signature(token=link_to(signature)[:-1], now=LATER)

    assert Signature.objects.exists()


def test_who_withdrew_may_sign_again() -> None:
    petition = make_petition()
    prove_by(token=signed_and_mailed(petition), now=NOW)
    withdraw_signature(token=link_to(Signature.objects.get()), now=LATER)

    prove_by(token=signed_and_mailed(petition), now=LATER)

    assert sum(TallyEntry.objects.values_list("delta", flat=True)) == 1


def test_erasing_takes_name_and_address_off_a_signature_that_counts_on() -> None:
    signature = make_signature(owed=False, wants_news=True)

    erase_signature(token=link_to(signature), now=LATER)

    erased = Signature.objects.counted().get()
    assert (erased.name_sealed, erased.email_sealed, erased.wants_news) == (None, None, False)
    assert erased.erased_at == LATER
    assert not TallyEntry.objects.exists()


def test_erasing_twice_changes_nothing() -> None:
    signature = make_signature()
    erase_signature(token=link_to(signature), now=LATER)

    erase_signature(token=link_to(signature), now=LATER + timedelta(days=1))

    assert Signature.objects.get().erased_at == LATER


def test_who_erased_their_name_is_not_counted_twice_while_the_petition_runs() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition, email=ALICE, owed=False)
    erase_signature(token=link_to(signature), now=LATER)
    attempt = make_pending_signature(petition=petition, email=ALICE, created_at=LATER)

    prove_by(token=proof_token(attempt=attempt, now=LATER), now=LATER)

    assert Signature.objects.count() == 1
    assert not TallyEntry.objects.exists()


def test_who_erased_their_name_may_still_withdraw() -> None:
    signature = make_signature(owed=False)
    erase_signature(token=link_to(signature), now=LATER)

    withdraw_signature(token=link_to(signature), now=LATER)

    assert TallyEntry.objects.get().delta == -1


def test_after_closing_an_erasure_leaves_no_digest_and_no_link() -> None:
    petition = make_petition(state=PetitionState.CLOSED, closes_at=NOW)
    signature = make_signature(petition=petition)

    erase_signature(token=link_to(signature), now=NOW + timedelta(days=2))

    assert Signature.objects.get().identity_digest is None
    with pytest.raises(SignatureGone):
        withdraw_signature(token=link_to(signature), now=LATER)


def test_attempts_are_purged_after_their_lifetime() -> None:
    petition = make_petition()
    make_pending_signature(petition=petition, created_at=NOW - timedelta(days=15))
    kept = make_pending_signature(petition=petition, created_at=NOW - timedelta(days=13))

    assert purge_expired_attempts(lifetime=timedelta(days=14), now=NOW) == 1

    assert list(PendingSignature.objects.all()) == [kept]


def test_addresses_are_erased_in_batches_when_their_time_is_over() -> None:
    old = make_petition(state=PetitionState.CLOSED, closes_at=NOW)
    for _ in range(3):
        make_signature(petition=old, owed=False)
    make_signature(owed=False)
    past = NOW + timedelta(days=181)

    erased = [erase_old_addresses(retention=timedelta(days=180), now=past, batch=2) for _ in range(3)]

    assert erased == [2, 1, 0]
    assert Signature.objects.filter(identity_digest__isnull=False).count() == 1
    assert Signature.objects.counted().count() == 4
    assert not TallyEntry.objects.exists()


def test_an_erased_persons_digest_goes_once_nobody_can_sign_any_more() -> None:
    petition = make_petition()
    signature = make_signature(petition=petition)
    erase_signature(token=link_to(signature), now=NOW)
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.CLOSED, closes_at=NOW)
    day = timedelta(days=1)

    assert forget_erased_identities(grace=day, now=NOW + day) == 0
    assert forget_erased_identities(grace=day, now=NOW + 2 * day) == 1

    assert Signature.objects.get().identity_digest is None
