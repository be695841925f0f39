"""Links that leave once more, or later: within three mails a day, and telling nobody anything."""

from datetime import timedelta

import pytest

from accounts.tokens import BadToken
from outbox.models import OutgoingMessage
from petitions.actions.signing import (
    ProofLinkExpired,
    ProofTooLate,
    release_attempt,
    renew_link,
)
from petitions.models import PendingSignature, Petition, PetitionState, Signature, TallyEntry
from petitions.queries.sealed import name_of
from petitions.rules.defence import Judgement
from tests.factories import NOW, make_petition
from tests.petitions.signing_steps import context_of, proof_tokens, prove_by, sign, signed_and_mailed

pytestmark = pytest.mark.django_db
EXPIRED = NOW + timedelta(days=8)
WITHHELD = Judgement(held_reason="network_rate")


def test_an_expired_link_is_renewed_with_what_was_typed() -> None:
    petition = make_petition()
    old = signed_and_mailed(petition, name="Alice Example")

    assert renew_link(token=old, now=EXPIRED) == petition

    new = proof_tokens()[-1]
    prove_by(token=new, now=EXPIRED + timedelta(days=3))
    assert name_of(Signature.objects.get()) == "Alice Example"


def test_renewing_owes_three_mails_a_day_at_most() -> None:
    token = signed_and_mailed(make_petition())

    for _ in range(5):
        renew_link(token=token, now=EXPIRED)

    assert OutgoingMessage.objects.filter(created_at=EXPIRED).count() == 3


def test_renewals_and_attempts_share_the_three_mails() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    sign(petition)
    sign(petition)

    renew_link(token=token, now=NOW)

    assert OutgoingMessage.objects.count() == 3


def test_a_renewed_mail_tells_no_longer_lifetime_than_what_was_typed_is_kept() -> None:
    token = signed_and_mailed(make_petition())

    renew_link(token=token, now=NOW + timedelta(days=12))

    assert context_of(OutgoingMessage.objects.latest("id"))["lifetime_days"] == 2


def test_a_link_whose_attempt_is_gone_mails_nothing_and_answers_alike() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    PendingSignature.objects.all().delete()

    assert renew_link(token=token, now=EXPIRED) == petition

    assert OutgoingMessage.objects.count() == 1


def test_a_renewed_link_of_who_has_proved_leads_to_that_signature() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    late = PendingSignature.objects.get()
    prove_by(token=token, now=NOW)
    late.save(force_insert=True)

    renew_link(token=token, now=EXPIRED)

    assert OutgoingMessage.objects.latest("id").kind == "already_signed"


def test_a_forged_link_is_not_renewed() -> None:
    with pytest.raises(BadToken):
        renew_link(token=signed_and_mailed(make_petition())[:-3], now=EXPIRED)


def test_a_link_of_a_petition_that_has_closed_is_not_renewed() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.CLOSED, closes_at=NOW + timedelta(hours=1))

    with pytest.raises(ProofTooLate):
        renew_link(token=token, now=NOW + timedelta(days=2))

    assert OutgoingMessage.objects.count() == 1


def test_a_link_of_a_petition_that_is_not_public_any_more_is_not_renewed() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition)
    PendingSignature.objects.all().delete()
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.DRAFT)

    with pytest.raises(ProofLinkExpired):
        renew_link(token=token, now=EXPIRED)


def test_releasing_owes_the_mail_that_was_withheld_and_lets_the_proof_count() -> None:
    petition = make_petition()
    sign(petition, judgement=WITHHELD)
    attempt = PendingSignature.objects.get()

    assert release_attempt(attempt_id=attempt.pk, now=EXPIRED)

    prove_by(token=proof_tokens()[-1], now=EXPIRED)
    assert Signature.objects.get().held_at is None
    assert TallyEntry.objects.count() == 1


def test_releasing_twice_owes_one_mail() -> None:
    sign(make_petition(), judgement=WITHHELD)
    attempt = PendingSignature.objects.get()

    assert all(release_attempt(attempt_id=attempt.pk, now=NOW) for _ in range(2))

    assert OutgoingMessage.objects.count() == 1


def test_an_attempt_that_was_mailed_is_released_without_another_mail() -> None:
    token = signed_and_mailed(make_petition(), judgement=Judgement(held_reason="disposable"))

    assert release_attempt(attempt_id=PendingSignature.objects.get().pk, now=NOW)

    prove_by(token=token, now=NOW)
    assert OutgoingMessage.objects.filter(kind="verify_signature").count() == 1
    assert TallyEntry.objects.count() == 1


def test_releases_keep_to_three_mails_a_day() -> None:
    petition = make_petition()
    for _ in range(2):
        sign(petition)
    for _ in range(2):
        sign(petition, judgement=WITHHELD)
    withheld = PendingSignature.objects.filter(mail_number=None).order_by("id")

    released = [release_attempt(attempt_id=attempt.pk, now=NOW) for attempt in withheld]
    tomorrow = release_attempt(attempt_id=withheld.latest("id").pk, now=NOW + timedelta(days=1))

    assert (released, tomorrow) == ([True, False], True)
    assert OutgoingMessage.objects.count() == 4


def test_an_attempt_is_not_released_into_a_link_that_is_dead() -> None:
    petition = make_petition()
    sign(petition, judgement=WITHHELD)
    attempt_id = PendingSignature.objects.get().pk

    assert not release_attempt(attempt_id=attempt_id, now=NOW + timedelta(days=13, hours=12))
    Petition.objects.filter(pk=petition.pk).update(state=PetitionState.CLOSED, closes_at=NOW + timedelta(hours=1))
    assert not release_attempt(attempt_id=attempt_id, now=NOW + timedelta(days=3))

    assert PendingSignature.objects.get().held_reason == "network_rate"
    assert not OutgoingMessage.objects.exists()


def test_releasing_what_is_gone_says_so() -> None:
    with pytest.raises(PendingSignature.DoesNotExist):
        release_attempt(attempt_id=1, now=NOW)
