"""Organisers see how mail fares and how long their people take; site staff let mail go to somebody again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Team, User
from outbox.digests import domain_digest
from outbox.models import MessageState, OutgoingMessage, Suppression, SuppressionReason
from outbox.suppression import suppress_address
from petitions.actions.mailing import allow_mail_again
from petitions.models import PendingSignature, Petition, ProvedBy, Signature
from petitions.queries.proofs import proof_statistics
from petitions.rules.mail_chart import mail_chart
from tests.factories import ALICE, NOW, make_message, make_pending_signature, make_petition, make_signature, make_user
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db
SINCE, UNTIL = NOW - timedelta(days=7), NOW + timedelta(hours=1)


def prove(petition: Petition, domain: str, *minutes: int) -> None:
    for number, taken in enumerate(minutes):
        email = f"p{number}-{taken}@{domain}"
        proved = make_signature(petition=petition, email=email, signed_at=NOW - timedelta(minutes=taken))
        Signature.objects.filter(pk=proved.pk).update(domain_digest=domain_digest(address=email))


def attempt(petition: Petition, domain: str, count: int) -> None:
    for number in range(count):
        row = make_pending_signature(petition=petition, email=f"a{number}@{domain}")
        PendingSignature.objects.filter(pk=row.pk).update(domain_digest=domain_digest(address=f"@{domain}"))


# --- From the form to the proof ---------------------------------------------------------------------------------------
def test_the_median_time_to_the_proof_is_told_by_domain() -> None:
    petition = make_petition()
    prove(petition, "quick.example", 1, 2, 3, 4, 60)
    prove(petition, "slow.example", 10, 20, 30, 40, 50)
    attempt(petition, "slow.example", 5)

    found = proof_statistics(petition_id=petition.pk, since=SINCE, until=UNTIL)

    domains = {domain.domain: domain for domain in found.domains}
    assert domains["quick.example"].median == timedelta(minutes=3)
    assert (domains["slow.example"].attempts, domains["slow.example"].proved, domains["slow.example"].share) == (
        10,
        5,
        50,
    )
    assert (found.total.attempts, found.total.proved, found.others.attempts) == (15, 10, 0)
    assert domains["slow.example"].taken == (0, 30, 0)


def test_small_domains_stay_together_without_a_name_or_a_median() -> None:
    petition = make_petition()
    prove(petition, "one-person.example", 1, 2)
    prove(petition, "another.example", 3)

    found = proof_statistics(petition_id=petition.pk, since=SINCE, until=UNTIL)

    assert found.domains == []
    assert (found.others.proved, found.others.median, found.others.taken) == (3, None, None)


def test_who_proved_without_a_mail_waited_for_none() -> None:
    petition = make_petition()
    prove(petition, "quick.example", 1, 2, 3, 4, 5)
    Signature.objects.update(proved_by=ProvedBy.ACCOUNT)

    assert proof_statistics(petition_id=petition.pk, since=SINCE, until=UNTIL).total.proved == 0


def test_other_petitions_and_other_weeks_do_not_count() -> None:
    petition = make_petition()
    prove(make_petition(), "quick.example", 1, 2)
    make_signature(petition=petition, verified_at=NOW - timedelta(days=8))

    assert proof_statistics(petition_id=petition.pk, since=SINCE, until=UNTIL).total.attempts == 0


# --- The page -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep")


def send(domain: str, count: int) -> None:
    now = timezone.now()
    for number in range(count):
        make_message(recipient=f"p{number}@{domain}", now=now - timedelta(hours=1))
    OutgoingMessage.objects.update(state=MessageState.SENT, sent_at=now)


def test_organisers_see_mail_by_domain(bob_client: Client, petition: Petition) -> None:
    send("provider.example", 5)
    send("alone.example", 1)

    page = bob_client.get(reverse("petitions:deliverability")).content.decode()

    assert "provider.example" in page
    assert "alone.example" not in page
    assert "p1@" not in page


def test_late_mail_is_pointed_out_with_what_the_server_said(bob_client: Client) -> None:
    make_message(now=timezone.now() - timedelta(hours=1))
    OutgoingMessage.objects.update(last_error="SMTPAuthenticationError")

    assert "SMTPAuthenticationError" in bob_client.get(reverse("petitions:deliverability")).content.decode()


def test_a_petition_of_somebody_else_is_not_found(bob_client: Client, petition: Petition) -> None:
    make_petition(slug="theirs")
    url = reverse("petitions:deliverability")

    assert bob_client.get(url, {"petition": "keep"}).status_code == 200
    for slug in ("theirs", "no-such", "", "\x00"):
        assert bob_client.get(url, {"petition": slug}).status_code in (400, 404), slug


def test_site_staff_see_the_mail_without_any_petition(petition: Petition) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))
    send("provider.example", 5)
    url = reverse("petitions:deliverability")

    page = client.get(url).content.decode()

    assert "provider.example" in page
    assert petition.addressee not in page
    assert client.get(url, {"petition": "keep"}).status_code == 404


@pytest.mark.parametrize("who", ["mona_client", "charlie_client"])
def test_the_page_is_closed_to_others(request: pytest.FixtureRequest, who: str) -> None:
    client: Client = request.getfixturevalue(who)

    assert client.get(reverse("petitions:deliverability")).status_code == 403


def test_the_page_cannot_be_posted_to(bob_client: Client) -> None:
    assert bob_client.post(reverse("petitions:deliverability")).status_code == 405


def test_the_page_costs_the_same_with_many_domains(
    bob_client: Client, petition: Petition, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        send(f"provider{number}.example", 5)
    bob_client.get(reverse("petitions:deliverability"))

    with django_assert_max_num_queries(20):
        bob_client.get(reverse("petitions:deliverability"))


def test_a_chart_of_nothing_has_no_bars() -> None:
    assert mail_chart([]).bars == []


# --- Writing to somebody again ------------------------------------------------------------------------------------------
@pytest.fixture
def operator() -> User:
    return make_user(email="operator@example.org", is_staff=True)


@pytest.fixture
def operator_client(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


def suppress(address: str = ALICE) -> None:
    suppress_address(address=address, reason=SuppressionReason.COMPLAINED, now=NOW)


def test_staff_let_mail_go_to_an_address_again(operator_client: Client, operator: User) -> None:
    suppress()

    answer = operator_client.post(reverse("petitions:allow-mail-again"), {"address": ALICE.upper()}, follow=True)

    assert answer.status_code == 200
    assert not Suppression.objects.exists()
    [entry] = AuditEntry.objects.filter(verb="mail.allowed_again")
    assert (entry.actor, entry.team) == (operator, None)
    assert "alice" not in entry.subject.lower()


def test_neither_page_nor_audit_tells_who_was_on_the_list(operator_client: Client, operator: User) -> None:
    suppress("listed@example.org")

    pages = [
        operator_client.post(reverse("petitions:allow-mail-again"), {"address": address}, follow=True)
        for address in ("listed@example.org", "stranger@example.org")
    ]

    said = [[str(message) for message in page.context["messages"]] for page in pages]
    assert said[0] == said[1]
    assert len(set(AuditEntry.objects.filter(verb="mail.allowed_again").values_list("subject", flat=True))) == 1


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "x" * 300 + "@example.org", "a@example.org\x00"])
def test_what_is_no_address_is_given_back(operator_client: Client, typed: str) -> None:
    answer = operator_client.post(reverse("petitions:allow-mail-again"), {"address": typed})

    assert answer.status_code in (400, 422)
    assert not AuditEntry.objects.filter(verb="mail.allowed_again").exists()


def test_organisers_may_not_do_it(bob_client: Client) -> None:
    suppress()

    assert bob_client.get(reverse("petitions:allow-mail-again")).status_code == 403
    assert bob_client.post(reverse("petitions:allow-mail-again"), {"address": ALICE}).status_code == 403
    assert Suppression.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_lifting_at_once_is_written_down_each_time_and_harms_nothing(operator: User) -> None:
    suppress()

    results_of(run_in_parallel(lambda: allow_mail_again(address=ALICE, actor=operator, now=NOW), times=4))

    assert not Suppression.objects.exists()
    assert AuditEntry.objects.filter(verb="mail.allowed_again").count() == 4
