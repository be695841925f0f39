"""What a proof makes of an attempt: as it was typed or as it was put right, counted or held."""

from datetime import timedelta
from typing import Any

import pytest

from outbox.models import OutgoingMessage
from petitions.actions.signing import NotEligible, prove_attempt
from petitions.models import (
    CommentState,
    Eligibility,
    PendingSignature,
    Petition,
    ProvedBy,
    Signature,
    TallyEntry,
)
from petitions.queries.known import known_petition_of
from petitions.queries.sealed import details_of, email_of, name_of
from petitions.rules.defence import Judgement
from petitions.rules.typed import TypedDetails
from tests.factories import ALICE, NOW, make_petition
from tests.petitions.signing_steps import context_of, prove_by, sign, signed_and_mailed, statements_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)


def corrected(**changes: Any) -> TypedDetails:
    return TypedDetails(**{"name": "Ada Lovelace", "country": "GB", "wants_news": False, **changes})


def test_a_proof_takes_what_was_put_right() -> None:
    petition = make_petition(asks_postcode=True, asks_comment=True)
    token = signed_and_mailed(petition, name="Mallory", country="FR", comment="Rubbish", choices={"1": "a"})
    put_right = corrected(
        postcode="W1", comment="Mine.", name_shown="initials", choices={"1": "b"}, answers={"2": "So."}
    )

    prove_by(token=token, corrected=put_right, now=LATER)

    signature, details = Signature.objects.get(), details_of(Signature.objects.get())
    assert (name_of(signature), email_of(signature), signature.country) == ("Ada Lovelace", ALICE, "GB")
    assert (signature.wants_news, signature.name_shown, signature.name_shape) == (False, "initials", "Aa Aa")
    assert (details.postcode, details.comment, details.answers) == ("W1", "Mine.", {"2": "So."})
    assert signature.choices == {"1": "b"}
    assert TallyEntry.objects.get().country == "GB"
    assert context_of(OutgoingMessage.objects.latest("id"))["name"] == "Ada Lovelace"


def test_a_proof_without_corrections_takes_what_was_typed() -> None:
    petition = make_petition(asks_postcode=True, asks_comment=True)
    token = signed_and_mailed(petition, postcode="75011", comment="Mine.", name_shown="full", choices={"1": "a"})

    prove_by(token=token, now=LATER)

    signature, details = Signature.objects.get(), details_of(Signature.objects.get())
    assert (details.postcode, details.comment) == ("75011", "Mine.")
    assert (signature.choices, signature.name_shown, signature.name_shape) == ({"1": "a"}, "full", "Aa Aa")


def test_a_corrected_proof_takes_as_many_statements_as_a_plain_one() -> None:
    token = signed_and_mailed(make_petition())
    known_petition_of(petition_id=Petition.objects.get().pk)

    assert len(statements_of(lambda: prove_by(token=token, corrected=corrected(), now=LATER))) == 2


def test_corrections_after_the_proof_change_nothing() -> None:
    token = signed_and_mailed(make_petition(), name="Alice Example")
    prove_by(token=token, now=LATER)

    prove_by(token=token, corrected=corrected(name="Mallory"), now=LATER)

    assert name_of(Signature.objects.get()) == "Alice Example"


def test_what_is_not_asked_cannot_be_put_in() -> None:
    token = signed_and_mailed(make_petition(asks_country=False), country="")

    prove_by(token=token, corrected=corrected(country="GB", postcode="W1", comment="Hello"), now=LATER)

    signature = Signature.objects.get()
    assert (signature.country, signature.details_sealed) == ("", None)
    assert signature.comment_state == CommentState.NONE


def test_a_country_cannot_be_put_right_into_one_that_may_not_sign() -> None:
    petition = make_petition(who_may_sign=Eligibility.COUNTRIES, allowed_countries=("FR",))
    token = signed_and_mailed(petition, country="FR")

    with pytest.raises(NotEligible):
        prove_by(token=token, corrected=corrected(country="GB"), now=LATER)

    assert not Signature.objects.exists()
    assert PendingSignature.objects.count() == 1


@pytest.mark.parametrize(
    ("comment", "state"), [("", CommentState.NONE), ("Mine.", CommentState.WAITING)], ids=["none", "one"]
)
@pytest.mark.parametrize("is_corrected", [True, False])
def test_a_comment_waits_for_its_review(comment: str, state: CommentState, is_corrected: bool) -> None:
    petition = make_petition(asks_comment=True)
    token = signed_and_mailed(petition, comment="Rubbish" if is_corrected else comment)

    prove_by(token=token, corrected=corrected(comment=comment) if is_corrected else None, now=LATER)

    assert Signature.objects.get().comment_state == state


def test_a_held_signature_is_confirmed_like_any_other_and_does_not_count() -> None:
    petition = make_petition()
    token = signed_and_mailed(petition, judgement=Judgement(held_reason="disposable"))

    prove_by(token=token, now=LATER)

    signature = Signature.objects.get()
    assert (signature.held_at, signature.held_reason) == (LATER, "disposable")
    assert not Signature.objects.counted().exists()
    assert not TallyEntry.objects.exists()
    assert OutgoingMessage.objects.latest("id").kind == "signature_confirmed"


def test_the_proof_of_a_held_person_cannot_be_had_by_signing_again() -> None:
    petition = make_petition()
    prove_by(token=signed_and_mailed(petition, judgement=Judgement(held_reason="disposable")), now=LATER)

    sign(petition)

    assert OutgoingMessage.objects.latest("id").kind == "already_signed"
    assert not TallyEntry.objects.exists()


def test_an_account_proves_without_a_link() -> None:
    sign(make_petition())
    attempt = PendingSignature.objects.select_related("petition").get()

    number = prove_attempt(attempt=attempt, title="Keep it", proved_by=ProvedBy.ACCOUNT, now=LATER)

    signature = Signature.objects.get()
    assert (signature.pk, signature.proved_by) == (number, ProvedBy.ACCOUNT)
    assert TallyEntry.objects.count() == 1
    assert prove_attempt(attempt=attempt, title="Keep it", proved_by=ProvedBy.ACCOUNT, now=LATER) is None
    assert TallyEntry.objects.count() == 1


def test_defence_data_go_with_the_signature() -> None:
    judgement = Judgement(network_digest=b"n" * 32, form_age_s=12)
    token = signed_and_mailed(make_petition(), judgement=judgement)

    prove_by(token=token, now=LATER)

    signature = Signature.objects.get()
    assert (bytes(signature.network_digest or b""), signature.form_age_s) == (b"n" * 32, 12)
    assert signature.domain_digest
