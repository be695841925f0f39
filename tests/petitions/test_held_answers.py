"""A held attempt is answered as any other is: the same bytes, status, headers and cookies, and the same way on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from outbox.models import OutgoingMessage, SwitchName
from petitions.actions.switches import hold_domain, turn_switch_on
from petitions.models import HeldReason, PendingSignature, Petition, Signature, TallyEntry
from tests.factories import ALICE, make_petition, make_user
from tests.petitions.signing_steps import proof_tokens
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db
Provoke = Callable[[Settings], dict[str, str]]


def over(kind: str) -> Provoke:
    def provoke(settings: Settings) -> dict[str, str]:
        settings.BIG_MAIL_DOMAINS = frozenset()
        settings.SIGNING_LIMITS = {**settings.SIGNING_LIMITS, kind: ((0, timedelta(minutes=10)),)}
        return {}

    return provoke


def work_is_asked(settings: Settings) -> dict[str, str]:
    turn_switch_on(name=SwitchName.PROOF_OF_WORK, level=2, actor=make_user(is_staff=True), now=timezone.now())
    return carried("x", asked_work=2)


def domain_is_held(settings: Settings) -> dict[str, str]:
    hold_domain(domain="example.org", reason="A rush", actor=make_user(is_staff=True), now=timezone.now())
    return {}


# How each reason comes about: what staff or the settings do, and what the form then brings.
PROVOKED: dict[HeldReason, Provoke] = {
    HeldReason.HONEYPOT: lambda _settings: {"homepage": "https://example.org"},
    HeldReason.FORM_AGE: lambda _settings: {"form_token": "forged"},
    HeldReason.NO_WORK: work_is_asked,
    HeldReason.NETWORK_RATE: over("ipv4"),
    HeldReason.DOMAIN_RATE: over("domain"),
    HeldReason.DISPOSABLE: lambda _settings: {"email": "alice@mailinator.com"},
    HeldReason.RULE: domain_is_held,
}
MAIL_WAITS = {HeldReason.HONEYPOT, HeldReason.NETWORK_RATE, HeldReason.DOMAIN_RATE}


@pytest.fixture
def client() -> Client:
    return Client(REMOTE_ADDR="203.0.113.7")  # a visitor's; loopback is nobody's network


def post(client: Client, **changes: str) -> Any:
    typed = {"name": "Alice Example", "email": ALICE, **carried("x")}
    return client.post(reverse("petitions:sign", args=["x"]), {**typed, **changes})


def seen(response: Any) -> tuple[int, bytes, dict[str, str], list[str]]:
    headers = {name: value for name, value in response.items() if name not in ("X-Request-ID", "Expires")}
    return response.status_code, response.content, headers, list(response.cookies)


def test_every_reason_but_a_case_is_provoked_here() -> None:
    assert set(PROVOKED) == set(HeldReason) - {HeldReason.CASE}


@pytest.fixture
def petition(db: None) -> Petition:
    return make_petition(slug="x")


@pytest.mark.usefixtures("petition")
@pytest.mark.parametrize("reason", PROVOKED, ids=lambda reason: reason.value)
def test_a_held_attempt_is_kept_and_answered_like_any_other(
    client: Client, settings: Settings, reason: HeldReason
) -> None:
    usual = seen(post(client, email="bob@example.net"))

    held = seen(post(client, **PROVOKED[reason](settings)))

    assert held == usual
    assert PendingSignature.objects.latest("id").held_reason == reason
    assert OutgoingMessage.objects.count() == (1 if reason in MAIL_WAITS else 2)


@pytest.mark.usefixtures("petition")
@pytest.mark.parametrize("reason", [reason for reason in PROVOKED if reason not in MAIL_WAITS], ids=str)
def test_a_held_attempt_is_proved_like_any_other_and_does_not_count(
    client: Client, settings: Settings, reason: HeldReason
) -> None:
    post(client, email="bob@example.net")
    usual = seen(client.post(reverse("petitions:verify", args=[proof_tokens()[-1]])))
    counted = TallyEntry.objects.count()

    post(client, **PROVOKED[reason](settings))
    link = reverse("petitions:verify", args=[proof_tokens()[-1]])
    held = seen(client.post(link))

    assert held == usual
    assert Signature.objects.latest("id").held_at is not None
    assert Signature.objects.counted().count() == TallyEntry.objects.count() == counted


@pytest.mark.usefixtures("petition")
def test_the_digest_of_the_network_is_kept_and_the_address_is_not(client: Client) -> None:
    post(client)

    attempt = PendingSignature.objects.get()
    assert len(bytes(attempt.network_digest or b"")) == 32
    assert attempt.form_age_s is not None
    assert attempt.form_age_s >= 60


@pytest.mark.usefixtures("petition")
def test_a_forged_header_does_not_change_the_network(client: Client, settings: Settings) -> None:
    settings.SIGNING_LIMITS = {**settings.SIGNING_LIMITS, "ipv4": ((1, timedelta(minutes=10)),)}

    for number in range(3):
        client.post(
            reverse("petitions:sign", args=["x"]),
            {"name": "Alice", "email": f"a{number}@example.org", **carried("x")},
            headers={"X-Forwarded-For": f"198.51.{number}.1"},
        )

    assert list(PendingSignature.objects.order_by("id").values_list("held_reason", flat=True)) == [
        "",
        "network_rate",
        "network_rate",
    ]


# --- The page ---------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("petition")
def test_in_calm_the_page_asks_for_no_work(client: Client) -> None:
    page = client.get("/en/petitions/x/").text

    assert 'name="form_token"' in page
    assert "proof-of-work.js" not in page
    assert 'name="work"' not in page
    assert client.get("/api/v1/petitions/x/work").json() == {"level": 0, "challenge": None}


@pytest.mark.usefixtures("petition")
def test_under_attack_the_page_asks_for_work_and_the_api_gives_it(client: Client) -> None:
    turn_switch_on(name=SwitchName.PROOF_OF_WORK, level=2, actor=make_user(is_staff=True), now=timezone.now())

    page = client.get("/en/petitions/x/").text
    answer = client.get("/api/v1/petitions/x/work")

    assert "proof-of-work.js" in page
    assert 'data-work="/api/v1/petitions/x/work"' in page
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["level"] == 2
    assert answer.json()["challenge"]["parameters"]["algorithm"] == "PBKDF2/SHA-256"


def test_there_is_no_work_for_what_is_not_published(client: Client) -> None:
    make_petition(slug="draft", state="draft")  # type: ignore[arg-type]

    assert client.get("/api/v1/petitions/draft/work").status_code == 404
    assert client.get("/api/v1/petitions/none/work").status_code == 404


@pytest.mark.usefixtures("petition")
def test_pages_of_the_same_two_seconds_have_one_etag(client: Client, settings: Settings) -> None:
    settings.FORM_STAMP = timedelta(days=1)

    first, second = client.get("/en/petitions/x/"), client.get("/en/petitions/x/")

    assert first["ETag"] == second["ETag"]


@pytest.mark.usefixtures("petition")
def test_a_form_that_is_shown_again_keeps_its_stamp_and_forgets_its_trap(client: Client) -> None:
    fields = carried("x")

    again = post(client, **{**fields, "email": "no address", "homepage": "spam"}).text

    assert f'value="{fields["form_token"]}"' in again
    assert "spam" not in again


@pytest.mark.usefixtures("petition")
def test_a_forged_stamp_is_not_shown_again(client: Client) -> None:
    again = post(client, email="no address", form_token='"><script>alert(1)</script>').text

    assert "alert(1)" not in again
