"""Taking an attempt to sign: the row, the mail that it owes, and the limit of the day."""

from datetime import timedelta

import pytest

from accounts.identity import identity_digest
from outbox.models import MessagePriority, OutgoingMessage
from petitions.actions.signing import PetitionNotOpen, sign_petition, verify_signature
from petitions.models import PendingSignature, Petition, PetitionState, Signature, TallyEntry
from tests.factories import ALICE, NOW, make_petition, make_signature
from tests.petitions.signing_steps import context_of, proof_tokens, sign, statements_of, typed

pytestmark = pytest.mark.django_db


def test_signing_keeps_the_attempt_sealed_and_owes_its_mail() -> None:
    petition = make_petition()

    sign(petition)

    attempt = PendingSignature.objects.get()
    message = OutgoingMessage.objects.get()
    assert (attempt.petition, attempt.country, attempt.wants_news, attempt.language) == (petition, "FR", True, "en")
    assert bytes(attempt.identity_digest) == identity_digest(address=ALICE)
    assert ALICE.encode() not in bytes(attempt.email_sealed)
    assert (message.kind, message.priority) == ("verify_signature", MessagePriority.VERIFICATION)
    assert not Signature.objects.exists()
    assert not TallyEntry.objects.exists()


def test_the_mail_goes_to_the_address_as_typed_and_shows_what_was_typed() -> None:
    petition = make_petition()

    sign(petition, email="A.Lice+petitions@gmail.com", name="Zoë 🙂 <b>")

    message = OutgoingMessage.objects.get()
    context = context_of(message)
    assert message.payload().recipient == "A.Lice+petitions@gmail.com"
    assert (context["name"], context["country"]) == ("Zoë 🙂 <b>", "France")
    assert context["title"] == "Keep it available (en)"


def test_each_mail_has_its_own_link() -> None:
    petition = make_petition()

    sign(petition)
    sign(petition, name="Another Name")

    assert len(set(proof_tokens())) == 2


def test_signing_takes_four_statements_new_or_known() -> None:
    petition = make_petition()
    make_signature(petition=petition, email="bob@example.org")

    statements = [statements_of(lambda: sign(petition)), statements_of(lambda: sign(petition, email="bob@example.org"))]

    assert [len(each) for each in statements] == [4, 4]
    assert [sql.split()[0] for sql in statements[0]] == [sql.split()[0] for sql in statements[1]]


def test_one_person_gets_three_mails_a_day_however_the_address_is_spelt() -> None:
    petition = make_petition()

    for email in [
        "alice@gmail.com",
        "a.lice@gmail.com",
        "ALICE+1@googlemail.com",
        "alice@gmail.com",
        "alice@gmail.com",
    ]:
        sign(petition, email=email)

    assert OutgoingMessage.objects.count() == 3
    assert PendingSignature.objects.count() == 3


def test_the_limit_is_for_one_petition_and_one_day() -> None:
    petition, other = make_petition(), make_petition()
    for _ in range(4):
        sign(petition)

    sign(other)
    sign(petition, now=NOW + timedelta(days=1))

    assert OutgoingMessage.objects.count() == 5


def test_a_proof_does_not_let_a_stranger_count_anew() -> None:
    petition = make_petition()
    for _ in range(3):
        sign(petition)
    verify_signature(token=proof_tokens()[-1], now=NOW)

    for _ in range(3):
        sign(petition)

    kinds = list(OutgoingMessage.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["verify_signature"] * 3 + ["signature_confirmed"]


def test_who_has_signed_gets_the_link_to_that_signature() -> None:
    petition = make_petition()
    make_signature(petition=petition, email=ALICE)

    sign(petition, name="Mallory")

    message = OutgoingMessage.objects.get()
    assert message.kind == "already_signed"
    assert "/my-signature/" in context_of(message)["my_signature_url"]
    assert "proof_url" not in context_of(message)


def test_the_mail_speaks_the_language_of_the_form() -> None:
    petition = make_petition()

    sign(petition, language="fr", country="DE")

    message = OutgoingMessage.objects.get()
    context = context_of(message)
    assert message.language == "fr"
    assert (context["title"], context["country"]) == ("Keep it available (fr)", "Allemagne")
    assert "/fr/verify/" in context["proof_url"]


def test_a_petition_that_asks_no_country_keeps_none() -> None:
    petition = make_petition(asks_country=False)

    sign(petition, country="FR")

    assert PendingSignature.objects.get().country == ""


@pytest.mark.parametrize(
    "state", [PetitionState.DRAFT, PetitionState.SCHEDULED, PetitionState.PAUSED, PetitionState.CLOSED]
)
def test_only_an_open_petition_is_signed(state: PetitionState) -> None:
    petition = make_petition(state=state, closes_at=NOW + timedelta(days=1))

    with pytest.raises(PetitionNotOpen):
        sign(petition)

    assert not PendingSignature.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_an_unknown_petition_is_not_signed() -> None:
    with pytest.raises(Petition.DoesNotExist):
        sign_petition(slug="nothing", typed=typed(), language="en", now=NOW)


def test_no_row_of_the_outbox_tells_who_it_is_for() -> None:
    petition = make_petition()

    sign(petition)

    message = OutgoingMessage.objects.get()
    digest = identity_digest(address=ALICE).hex()
    assert digest[:12] not in message.unique_key
    assert ALICE.encode() not in bytes(message.payload_sealed or b"")
