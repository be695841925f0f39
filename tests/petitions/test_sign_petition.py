"""Taking an attempt to sign: the row, the mail that it owes, and the limit of the day."""

from datetime import timedelta

import pytest

from accounts.identity import identity_digest
from outbox.models import MessagePriority, OutgoingMessage
from petitions.actions.signing import NotEligible, PetitionNotOpen, sign_petition
from petitions.models import (
    AttemptEntry,
    Eligibility,
    PendingSignature,
    Petition,
    PetitionState,
    QuestionKind,
    Signature,
    TallyEntry,
)
from petitions.queries.sealed import details_of
from petitions.rules.defence import Judgement
from petitions.rules.eligibility import EligibilityProblem
from petitions.rules.signing import MAILS_PER_DAY
from tests.factories import ALICE, NOW, make_petition, make_question, make_signature
from tests.petitions.signing_steps import context_of, proof_tokens, prove_by, sign, statements_of, typed

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


def test_signing_takes_three_statements_whoever_it_is() -> None:
    petition = make_petition()
    make_signature(petition=petition, email="bob@example.org")
    for _ in range(MAILS_PER_DAY):
        sign(petition, email="over@example.org")
    held, withheld = Judgement(held_reason="form_age"), Judgement(held_reason="honeypot")

    of_each = {
        "new": statements_of(lambda: sign(petition)),
        "repeated": statements_of(lambda: sign(petition)),
        "proved": statements_of(lambda: sign(petition, email="bob@example.org")),
        "held": statements_of(lambda: sign(petition, email="held@example.org", judgement=held)),
        "withheld": statements_of(lambda: sign(petition, email="bombed@example.org", judgement=withheld)),
        "over the limit": statements_of(lambda: sign(petition, email="over@example.org")),
    }

    assert {name: len(statements) for name, statements in of_each.items()} == dict.fromkeys(of_each, 3)


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
    prove_by(token=proof_tokens()[-1], now=NOW)

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


def test_what_else_was_typed_is_sealed_but_for_the_choices() -> None:
    petition = make_petition(asks_postcode=True, asks_comment=True)

    sign(
        petition,
        name="Ada Lovelace 2",
        postcode="75011",
        comment="It helped me.\nTwice.",
        name_shown="initials",
        choices={"7": "a"},
        answers={"8": "Every day"},
    )

    attempt = PendingSignature.objects.get()
    details = details_of(attempt)
    assert (details.postcode, details.comment, details.answers) == (
        "75011",
        "It helped me.\nTwice.",
        {"8": "Every day"},
    )
    assert (attempt.choices, attempt.name_shown, attempt.name_shape) == ({"7": "a"}, "initials", "Aa Aa 9")
    assert b"75011" not in bytes(attempt.details_sealed or b"")


def test_a_petition_that_asks_for_neither_keeps_no_postcode_and_no_comment() -> None:
    sign(make_petition(), postcode="75011", comment="Hello")

    assert PendingSignature.objects.get().details_sealed is None


def test_the_mail_shows_all_that_was_typed_in_the_words_of_its_language() -> None:
    petition = make_petition(asks_postcode=True, asks_comment=True)
    choice = make_question(petition=petition)
    text = make_question(
        petition=petition, position=2, kind=QuestionKind.TEXT, labels={"en": "Why?", "fr": "Pourquoi ?"}
    )
    choices, answers = {str(choice.pk): "b"}, {str(text.pk): "Because."}

    sign(petition, language="fr", postcode="75011", comment="Bonjour", choices=choices, answers=answers)

    context = context_of(OutgoingMessage.objects.get())
    assert (context["postcode"], context["comment"], context["name_shown"]) == ("75011", "Bonjour", "hidden")
    assert context["answers"] == [["Quel usage en faites-vous ?", "Réponse b"], ["Pourquoi ?", "Because."]]


def test_an_attempt_keeps_what_its_defence_knows_and_nothing_of_its_network() -> None:
    judgement = Judgement(held_reason="form_age", network_digest=b"n" * 32, form_age_s=3)

    sign(make_petition(), judgement=judgement)

    attempt = PendingSignature.objects.get()
    assert (attempt.held_reason, bytes(attempt.network_digest or b""), attempt.form_age_s) == ("form_age", b"n" * 32, 3)
    assert len(bytes(attempt.domain_digest or b"")) == 32


@pytest.mark.parametrize("reason", ["", "form_age", "honeypot"])
def test_every_attempt_is_counted_also_one_over_the_limit(reason: str) -> None:
    petition = make_petition()

    for _ in range(MAILS_PER_DAY + 2):
        sign(petition, judgement=Judgement(held_reason=reason))

    entries = AttemptEntry.objects.filter(petition=petition, occurred_at=NOW, held_reason=reason)
    assert entries.count() == MAILS_PER_DAY + 2
    assert PendingSignature.objects.count() == MAILS_PER_DAY


def test_a_held_attempt_is_mailed_like_any_other() -> None:
    sign(make_petition(), judgement=Judgement(held_reason="disposable"))

    assert OutgoingMessage.objects.get().kind == "verify_signature"


@pytest.mark.parametrize("reason", ["honeypot", "network_rate", "domain_rate"])
def test_a_mail_that_would_be_the_harm_is_withheld(reason: str) -> None:
    sign(make_petition(), judgement=Judgement(held_reason=reason))

    assert PendingSignature.objects.get().mail_number is None
    assert not OutgoingMessage.objects.exists()


def test_withheld_attempts_of_a_stranger_leave_the_owner_their_mails() -> None:
    petition = make_petition()
    for _ in range(5):
        sign(petition, judgement=Judgement(held_reason="network_rate"))

    sign(petition)

    assert OutgoingMessage.objects.count() == 1
    assert PendingSignature.objects.filter(mail_number=1).count() == 1


@pytest.mark.parametrize(
    ("email", "is_taken"),
    [
        ("alice@union.example", True),
        ("alice@UNION.example", True),
        ("alice@bücher.example", True),
        ("alice@other.example", False),
        ("alice@sub.union.example", False),
    ],
)
def test_a_petition_for_some_domains_takes_those_alone(email: str, is_taken: bool) -> None:
    domains = ("union.example", "xn--bcher-kva.example")
    petition = make_petition(who_may_sign=Eligibility.DOMAINS, allowed_domains=domains)

    if is_taken:
        sign(petition, email=email)
    else:
        with pytest.raises(NotEligible) as refusal:
            sign(petition, email=email)
        assert refusal.value.problem is EligibilityProblem.DOMAIN

    assert PendingSignature.objects.exists() is is_taken
    assert AttemptEntry.objects.exists() is is_taken


@pytest.mark.parametrize(
    ("country", "problem"),
    [("FR", None), ("DE", EligibilityProblem.COUNTRY), ("", EligibilityProblem.COUNTRY_UNTOLD)],
)
def test_a_petition_for_some_countries_takes_those_alone(country: str, problem: EligibilityProblem | None) -> None:
    petition = make_petition(who_may_sign=Eligibility.COUNTRIES, allowed_countries=("FR", "BE"))

    if problem is None:
        sign(petition, country=country)
    else:
        with pytest.raises(NotEligible) as refusal:
            sign(petition, country=country)
        assert refusal.value.problem is problem

    assert PendingSignature.objects.exists() is (problem is None)
