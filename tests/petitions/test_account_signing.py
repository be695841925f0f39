"""Signing with an account: the address is proved already, and counts once like any other."""

from functools import partial
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rule_sets import forget_rule_sets
from outbox.models import OutgoingMessage, Switch, SwitchName
from outbox.switches import forget_switches
from petitions.actions.account_signing import AddressNotProved, sign_with_account
from petitions.actions.signing import NotEligible, PetitionNotOpen, TypedSignature
from petitions.models import AttemptEntry, Eligibility, PendingSignature, Petition, PetitionState, Signature, TallyEntry
from petitions.queries.links import open_my_signature_token, proof_token
from petitions.queries.sealed import email_of, name_of
from petitions.queries.sign_forms import make_form_token
from petitions.rules.defence import Judgement
from tests.factories import NOW, make_pending_signature, make_petition, make_signature, make_user
from tests.parallel import results_of, run_all_in_parallel
from tests.petitions.signing_steps import prove_by

pytestmark = pytest.mark.django_db
CHARLIE = "charlie@example.org"


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep-4o")


def act(user: User, petition: Petition, *, held: str = "", **changes: str) -> None:
    typed = TypedSignature(**{"name": "Charlie", "email": user.email, "country": "FR", **changes})
    judgement = Judgement(held_reason=held)
    sign_with_account(slug=petition.slug, user=user, typed=typed, judgement=judgement, language="en", now=NOW)


def page_of(petition: Petition) -> str:
    return reverse("petitions:sign-with-account", args=[petition.slug])


def filled_in(petition: Petition, **changes: str) -> dict[str, str]:
    """What a person sends who has looked at the page for a while."""
    token = make_form_token(slug=petition.slug, asked_work=0, now=timezone.now() - timezone.timedelta(minutes=1))
    return {"name": "Charlie Example", "country": "FR", "email": CHARLIE, "form_token": token, **changes}


# --- The action -----------------------------------------------------------------------------------------------------
def test_a_proved_address_signs_at_once(charlie: User, petition: Petition) -> None:
    act(charlie, petition)

    signature = Signature.objects.get()
    assert (email_of(signature), name_of(signature), signature.proved_by) == (CHARLIE, "Charlie", "account")
    assert TallyEntry.objects.get().delta == 1
    assert AttemptEntry.objects.count() == 1
    assert not PendingSignature.objects.exists()
    assert [message.kind for message in OutgoingMessage.objects.all()] == ["signature_confirmed"]


def test_signing_again_counts_once(charlie: User, petition: Petition) -> None:
    act(charlie, petition)
    act(charlie, petition, name="Charles")

    assert name_of(Signature.objects.get()) == "Charlie"
    assert TallyEntry.objects.count() == 1


def test_whoever_signed_by_mail_counts_once(charlie: User, petition: Petition) -> None:
    make_signature(petition=petition, email="Charlie+news@Example.org")

    act(charlie, petition)

    assert Signature.objects.count() == 1


def test_attempts_by_mail_are_forgotten(charlie: User, petition: Petition) -> None:
    attempt = make_pending_signature(petition=petition, email=CHARLIE)
    token = proof_token(attempt=attempt, now=NOW)

    act(charlie, petition)

    assert not PendingSignature.objects.exists()
    prove_by(token=token, now=NOW)
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("address", ["unproved@example.org", "somebody@example.org", "nowhere@example.org"])
def test_only_ones_own_proved_address_signs(charlie: User, petition: Petition, address: str) -> None:
    EmailAddress.objects.create(user=charlie, email="unproved@example.org", verified=False)
    make_user(email="somebody@example.org")

    with pytest.raises(AddressNotProved):
        act(charlie, petition, email=address)

    assert not Signature.objects.exists()
    assert not AttemptEntry.objects.exists()


@pytest.mark.parametrize("state", [PetitionState.PAUSED, PetitionState.CLOSED, PetitionState.DRAFT])
def test_a_petition_that_is_not_open_takes_nothing(charlie: User, state: PetitionState) -> None:
    petition = make_petition(state=state, closes_at=NOW, pause_reason="Wait.")

    with pytest.raises(PetitionNotOpen):
        act(charlie, petition)


def test_the_switch_of_staff_stops_accounts_too(charlie: User, petition: Petition) -> None:
    Switch.objects.update_or_create(
        name=SwitchName.PAUSE_SIGNING, defaults={"is_on": True, "level": 0, "reason": "Wait.", "changed_at": NOW}
    )
    forget_switches()

    with pytest.raises(PetitionNotOpen):
        act(charlie, petition)


def test_an_account_must_meet_the_petitions_rule(charlie: User, petition: Petition) -> None:
    Petition.objects.update(who_may_sign=Eligibility.DOMAINS, allowed_domains=["union.example"])

    with pytest.raises(NotEligible):
        act(charlie, petition)


def test_a_suspicious_account_is_held_and_told_nothing(charlie: User, petition: Petition) -> None:
    act(charlie, petition, held="network_rate")

    assert Signature.objects.get().held_at is not None
    assert not TallyEntry.objects.exists()
    assert [message.kind for message in OutgoingMessage.objects.all()] == ["signature_confirmed"]


@pytest.mark.django_db(transaction=True)
def test_an_account_and_many_links_at_once_count_once() -> None:
    petition, user = make_petition(), make_user(email=CHARLIE)
    attempts = [make_pending_signature(petition=petition, email=CHARLIE, mail_number=None) for _ in range(10)]
    links = [partial(prove_by, token=proof_token(attempt=attempt, now=NOW), now=NOW) for attempt in attempts]

    results_of(run_all_in_parallel([*[partial(act, user, petition)] * 10, *links]))

    assert Signature.objects.count() == 1
    assert TallyEntry.objects.count() == 1


# --- The page -------------------------------------------------------------------------------------------------------
def test_strangers_are_sent_to_sign_in_and_back(petition: Petition) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(page_of(petition))
        assert answer.headers["Location"] == f"{reverse('account_login')}?next={page_of(petition)}"


def test_the_page_signs(charlie_client: Client, petition: Petition) -> None:
    shown = charlie_client.get(page_of(petition))
    answer = charlie_client.post(page_of(petition), filled_in(petition))

    assert 'value="charlie@example.org"' in shown.content.decode()
    assert 'value="Charlie"' in shown.content.decode()  # the name of the profile, to begin with
    assert answer.headers["Location"] == reverse("petitions:thank-you", args=[petition.slug])
    signature = Signature.objects.get()
    assert (signature.proved_by, signature.held_reason, signature.country) == ("account", "", "FR")


def test_the_page_is_the_same_when_signed_again(charlie_client: Client, petition: Petition) -> None:
    answers = [charlie_client.post(page_of(petition), filled_in(petition)) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Signature.objects.count() == 1


def test_the_page_is_kept_by_nobody(charlie_client: Client, petition: Petition) -> None:
    for page in (page_of(petition), reverse("petitions:my-signatures")):
        assert "no-store" in charlie_client.get(page).headers["Cache-Control"]


def test_the_form_carries_a_token_against_forgery(charlie: User, petition: Petition) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)

    assert client.post(page_of(petition), filled_in(petition)).status_code == HTTPStatus.FORBIDDEN
    assert not Signature.objects.exists()


def test_another_method_is_refused(charlie_client: Client, petition: Petition) -> None:
    assert charlie_client.put(page_of(petition)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert charlie_client.post(reverse("petitions:my-signatures")).status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Please type your name"),
        ({"name": "=1+1"}, "cannot begin with"),
        ({"email": "somebody@example.org"}, "one of your addresses"),
        ({"email": ""}, "one of your addresses"),
        ({"country": "XX"}, "from the list"),
    ],
)
def test_a_bad_form_is_kept_and_explained(
    charlie_client: Client, petition: Petition, changes: dict[str, str], sentence: str
) -> None:
    page = charlie_client.post(page_of(petition), filled_in(petition, **changes))

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in page.content.decode()
    assert not Signature.objects.exists()


def test_a_petition_that_has_closed_gives_back_what_was_typed(charlie_client: Client) -> None:
    petition = make_petition(slug="keep-4o", state=PetitionState.CLOSED, closes_at=NOW)

    page = charlie_client.post(page_of(petition), filled_in(petition))

    assert page.status_code == HTTPStatus.CONFLICT
    assert "Charlie Example" in page.content.decode()
    assert "no signatures any more" in charlie_client.get(page_of(petition)).content.decode()


def test_an_unpublished_petition_is_not_there(charlie_client: Client) -> None:
    draft = make_petition(state=PetitionState.DRAFT)

    assert charlie_client.get(page_of(draft)).status_code == HTTPStatus.NOT_FOUND
    assert charlie_client.post(page_of(draft), filled_in(draft)).status_code == HTTPStatus.NOT_FOUND


def test_without_a_proved_address_the_page_says_what_to_do(petition: Petition) -> None:
    client = Client()
    client.force_login(make_user(verified=False))

    assert reverse("account_email") in client.get(page_of(petition)).content.decode()
    assert client.post(page_of(petition), filled_in(petition)).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_among_several_addresses_one_is_chosen(charlie: User, charlie_client: Client, petition: Petition) -> None:
    EmailAddress.objects.create(user=charlie, email="second@example.org", verified=True)
    EmailAddress.objects.create(user=charlie, email="unproved@example.org", verified=False)

    shown = charlie_client.get(page_of(petition)).content.decode()
    charlie_client.post(page_of(petition), filled_in(petition, email="second@example.org"))

    assert 'value="second@example.org"' in shown
    assert "unproved@example.org" not in shown
    assert email_of(Signature.objects.get()) == "second@example.org"


def test_the_petition_leads_there_and_is_the_same_for_everybody(charlie_client: Client, petition: Petition) -> None:
    url = reverse("petitions:petition-detail", args=[petition.slug])
    pages = [client.get(url) for client in (Client(), charlie_client)]

    assert all(page_of(petition) in page.content.decode() for page in pages)
    assert all(not page.cookies for page in pages)


# --- One's own signatures -------------------------------------------------------------------------------------------
def listed(client: Client) -> str:
    return client.get(reverse("petitions:my-signatures")).content.decode()


def test_my_signatures_are_those_of_my_proved_addresses(charlie: User, charlie_client: Client) -> None:
    EmailAddress.objects.create(user=charlie, email="second@example.org", verified=True)
    EmailAddress.objects.create(user=charlie, email="unproved@example.org", verified=False)
    for number, address in enumerate(
        ("Charlie+x@example.org", "second@example.org", "unproved@example.org", "other@example.org")
    ):
        petition = make_petition(slug=f"number{number}", languages=())
        make_signature(petition=petition, email=address)

    page = listed(charlie_client)

    assert [f"number{number}" in page for number in range(4)] == [True, True, False, False]


def test_each_of_my_signatures_leads_to_its_own_page(charlie_client: Client, petition: Petition) -> None:
    signature = make_signature(petition=petition, email=CHARLIE)

    token = listed(charlie_client).partition("/my-signature/")[2].partition("/")[0]

    assert open_my_signature_token(token=token, now=NOW) == signature.pk
    assert charlie_client.get(reverse("petitions:my-signature", args=[token])).status_code == HTTPStatus.OK


def test_a_signature_made_by_older_rules_is_found(charlie: User, charlie_client: Client, petition: Petition) -> None:
    make_signature(petition=petition, email=CHARLIE)
    Signature.objects.update(identity_version=0)

    assert "Keep it available" in listed(charlie_client)


def test_a_signature_of_somebody_who_bore_my_mark_by_older_rules_is_not_mine(petition: Petition) -> None:
    """Until version 1, nothing said that ada@yandex.com and ada@yandex.ru are one; version 0 of the latter is not hers."""
    forget_rule_sets()
    user = make_user(email="ada@yandex.com")
    make_signature(petition=petition, email="ada@yandex.ru")
    Signature.objects.update(identity_version=0)
    client = Client()
    client.force_login(user)

    assert "Keep it available" not in listed(client)


def test_whether_a_signature_is_held_or_was_taken_off_is_not_told(charlie_client: Client) -> None:
    make_signature(petition=make_petition(slug="taken-off", languages=()), email=CHARLIE, invalidated_at=NOW)

    assert "taken-off" in listed(charlie_client)


def test_who_signed_nothing_is_told_so(charlie_client: Client) -> None:
    assert "None of your confirmed addresses" in listed(charlie_client)


def test_strangers_see_no_signatures() -> None:
    assert Client().get(reverse("petitions:my-signatures")).status_code == HTTPStatus.FOUND


def test_the_list_takes_as_many_statements_for_one_as_for_many(
    charlie_client: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        make_signature(email=CHARLIE)

    with django_assert_max_num_queries(9):  # type: ignore[operator]
        listed(charlie_client)
