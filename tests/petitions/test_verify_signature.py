"""Proving: one signature, one +1 and one mail, whatever link is followed and however often."""

from datetime import timedelta

import pytest

from accounts.tokens import BadToken, make_token
from outbox.models import OutgoingMessage
from petitions.actions.leaving import withdraw_signature
from petitions.actions.purging import purge_expired_attempts
from petitions.actions.signing import ProofLinkExpired, ProofTooLate
from petitions.models import PendingSignature, Petition, PetitionState, Signature, TallyEntry, TallyReason
from petitions.queries.known import known_petition_of
from petitions.queries.links import proof_token
from petitions.queries.sealed import email_of, name_of
from petitions.rules.periods import bucket_start
from tests.factories import ALICE, NOW, make_petition
from tests.petitions.signing_steps import (
    context_of,
    my_signature_token_mailed,
    proof_tokens,
    prove_by,
    sign,
    signed_and_mailed,
    statements_of,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)


def test_a_proof_makes_the_signature_and_owes_it_to_the_count() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition, name="Alice Example", country="FR")

    assert prove_by(token=token, now=LATER) == petition

    signature, entry = Signature.objects.get(), TallyEntry.objects.get()
    assert (email_of(signature), name_of(signature), signature.country) == (ALICE, "Alice Example", "FR")
    assert (signature.signed_at, signature.verified_at, signature.wants_news) == (NOW, LATER, True)
    assert (entry.delta, entry.reason, entry.country, entry.channel) == (1, TallyReason.PROVED, "FR", "web")
    assert (entry.occurred_at, entry.bucket_at) == (LATER, bucket_start(LATER))
    assert not PendingSignature.objects.exists()


def test_a_proof_owes_the_link_to_the_signature() -> None:
    token = signed_and_mailed(make_petition())

    prove_by(token=token, now=LATER)

    message = OutgoingMessage.objects.get(kind="signature_confirmed")
    assert message.payload().recipient == ALICE
    assert "/en/my-signature/" in context_of(message)["my_signature_url"]


def test_a_proof_takes_two_statements() -> None:
    token = signed_and_mailed(make_petition())
    known_petition_of(petition_id=Petition.objects.get().pk)

    assert len(statements_of(lambda: prove_by(token=token, now=LATER))) == 2


def test_proving_twice_counts_once_and_mails_once() -> None:
    token = signed_and_mailed(make_petition())

    prove_by(token=token, now=LATER)
    prove_by(token=token, now=LATER)

    assert (Signature.objects.count(), TallyEntry.objects.count()) == (1, 1)
    assert OutgoingMessage.objects.filter(kind="signature_confirmed").count() == 1


def test_every_link_of_a_person_succeeds_and_they_count_once() -> None:
    petition = make_petition()
    for name in ["Alice", "Alice E.", "A. Example"]:
        sign(petition, name=name)

    for token in proof_tokens():
        prove_by(token=token, now=LATER)

    assert name_of(Signature.objects.get()) == "Alice"
    assert TallyEntry.objects.count() == 1


def test_an_attempt_that_came_in_while_another_was_proved_proves_nothing_new() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    late = PendingSignature.objects.get()
    prove_by(token=token, now=LATER)
    late.pk = None
    late.mail_number = 2
    late.save(force_insert=True)

    prove_by(token=proof_token(attempt=late, now=NOW), now=LATER)

    assert (Signature.objects.count(), TallyEntry.objects.count(), PendingSignature.objects.count()) == (1, 1, 0)


def test_an_old_link_still_succeeds_for_who_has_proved() -> None:
    token = signed_and_mailed(make_petition())
    prove_by(token=token, now=LATER)

    prove_by(token=token, now=NOW + timedelta(days=400))

    assert Signature.objects.count() == 1


def test_a_link_works_for_seven_days() -> None:
    token = signed_and_mailed(make_petition())

    prove_by(token=token, now=NOW + timedelta(days=7))

    assert Signature.objects.count() == 1


def test_a_link_expires_after_seven_days() -> None:
    token = signed_and_mailed(make_petition())

    with pytest.raises(ProofLinkExpired):
        prove_by(token=token, now=NOW + timedelta(days=7, seconds=1))

    assert not Signature.objects.exists()


def test_a_purged_attempt_is_an_expired_link() -> None:
    token = signed_and_mailed(make_petition())
    purge_expired_attempts(lifetime=timedelta(0), now=LATER)

    with pytest.raises(ProofLinkExpired):
        prove_by(token=token, now=LATER)


def test_the_links_of_a_withdrawn_signature_sign_nothing_again() -> None:
    petition = make_petition()
    sign(petition)
    sign(petition)
    first, second = proof_tokens()
    prove_by(token=first, now=LATER)
    withdraw_signature(token=my_signature_token_mailed(), now=LATER)

    for token in (first, second):
        with pytest.raises(ProofLinkExpired):
            prove_by(token=token, now=LATER)

    assert not Signature.objects.exists()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_cut_link_proves_nothing(cut: int) -> None:
    token = signed_and_mailed(make_petition())

    with pytest.raises(BadToken):
        prove_by(token=token[:-cut], now=LATER)


def test_a_forged_link_proves_nothing() -> None:
    token = signed_and_mailed(make_petition())

    with pytest.raises(BadToken):
        prove_by(token=f"9{token}", now=LATER)


def test_a_link_for_another_purpose_proves_nothing() -> None:
    signed_and_mailed(make_petition())
    attempt = PendingSignature.objects.get()
    token = make_token(purpose="my-signature", fields=(str(attempt.pk),), now=NOW)

    with pytest.raises(BadToken):
        prove_by(token=token, now=LATER)


def test_a_link_works_while_the_petition_is_paused() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    _set(petition, state=PetitionState.PAUSED)

    prove_by(token=token, now=LATER)

    assert Signature.objects.count() == 1


def test_a_link_works_for_a_day_after_closing() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    _set(petition, state=PetitionState.CLOSED, closes_at=LATER)

    prove_by(token=token, now=LATER + timedelta(hours=24))

    assert Signature.objects.count() == 1


def test_a_link_does_not_work_later_than_a_day_after_closing() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    _set(petition, state=PetitionState.CLOSED, closes_at=LATER)

    with pytest.raises(ProofTooLate):
        prove_by(token=token, now=LATER + timedelta(hours=24, seconds=1))

    assert not Signature.objects.exists()


def test_a_server_whose_clock_is_behind_proves_too() -> None:
    token = signed_and_mailed(make_petition())

    prove_by(token=token, now=NOW - timedelta(milliseconds=300))

    assert Signature.objects.get().verified_at == NOW


def _set(petition: Petition, **fields: object) -> None:
    Petition.objects.filter(pk=petition.pk).update(**fields)
