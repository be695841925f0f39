"""The switches of the site's staff: in force at once, written down, and for staff alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import AuditEntry, User
from outbox.models import Switch, SwitchName
from outbox.switches import forget_switches, switch_state
from petitions.actions.purging import forget_networks
from petitions.actions.switches import (
    HoldNotFound,
    end_hold,
    hold_domain,
    hold_network,
    turn_switch_off,
    turn_switch_on,
)
from petitions.models import HoldKind, HoldRule, PendingSignature, Signature
from tests.factories import ALICE, NOW, make_petition, make_user
from tests.parallel import run_in_parallel
from tests.petitions.signing_steps import proof_tokens
from tests.sign_forms import carried

REASON = "We look at a rush of false signatures."


@pytest.fixture
def staff(db: None) -> User:
    return make_user(is_staff=True, email="ines@example.org", display_name="Inès")


@pytest.fixture
def staff_client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def pause(staff: User) -> None:
    turn_switch_on(name=SwitchName.PAUSE_SIGNING, reason=REASON, actor=staff, now=NOW)


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", "subject"))


# --- The actions ------------------------------------------------------------------------------------------------------
def test_a_switch_turned_on_is_on_and_written_down(staff: User) -> None:
    pause(staff)

    state = switch_state(SwitchName.PAUSE_SIGNING)
    assert (state.is_on, state.level, state.reason) == (True, 1, REASON)
    assert audited() == [("switch.turned_on", "pause_signing")]
    assert AuditEntry.objects.get().actor == staff


def test_turning_it_on_again_changes_nothing(staff: User) -> None:
    pause(staff)
    pause(staff)

    assert len(audited()) == 1


def test_turning_off_what_is_off_changes_nothing(staff: User) -> None:
    turn_switch_off(name=SwitchName.STOP_BULK_MAIL, actor=staff, now=NOW)

    assert switch_state(SwitchName.STOP_BULK_MAIL).is_on is False
    assert audited() == []


def test_a_level_can_be_changed_and_is_gone_when_off(staff: User) -> None:
    turn_switch_on(name=SwitchName.PROOF_OF_WORK, level=2, actor=staff, now=NOW)
    turn_switch_on(name=SwitchName.PROOF_OF_WORK, level=5, actor=staff, now=NOW)
    raised = switch_state(SwitchName.PROOF_OF_WORK).level
    turn_switch_off(name=SwitchName.PROOF_OF_WORK, actor=staff, now=NOW)

    assert (raised, switch_state(SwitchName.PROOF_OF_WORK).level) == (5, 0)
    assert [subject for _verb, subject in audited()] == [
        "proof_of_work, level 2",
        "proof_of_work, level 5",
        "proof_of_work",
    ]


@pytest.mark.django_db(transaction=True)
def test_ten_people_at_once_turn_it_on_once() -> None:
    staff = make_user(is_staff=True)

    results = run_in_parallel(lambda: pause(staff), times=10)

    assert results == [None] * 10
    assert Switch.objects.get().is_on
    assert len(audited()) == 1


def test_a_hold_keeps_a_digest_and_no_name(staff: User) -> None:
    hold_domain(domain="spam.example", reason="A rush", actor=staff, now=NOW)
    hold_network(prefix="203.0.113.0/24", reason="A rush", actor=staff, now=NOW)

    kept = " ".join(str(list(row)) for row in (*HoldRule.objects.values_list(), *AuditEntry.objects.values_list()))
    assert "spam.example" not in kept
    assert "203.0.113" not in kept
    assert [verb for verb, _subject in audited()] == ["hold.begun", "hold.begun"]


def test_a_network_is_held_until_midnight_and_a_domain_until_it_is_ended(staff: User) -> None:
    network = hold_network(prefix="203.0.113.0/24", reason="A rush", actor=staff, now=NOW)
    domain = hold_domain(domain="spam.example", reason="A rush", actor=staff, now=NOW)

    assert network.ends_at == NOW.replace(hour=0) + timedelta(days=1)
    assert domain.ends_at is None


def test_a_hold_of_a_petition_is_in_its_teams_record(staff: User) -> None:
    petition = make_petition()
    hold_domain(domain="spam.example", petition=petition, reason="A rush", actor=staff, now=NOW)

    assert AuditEntry.objects.get().team == petition.team


def test_a_hold_ends_once(staff: User) -> None:
    rule = hold_domain(domain="spam.example", reason="A rush", actor=staff, now=NOW)
    end_hold(rule_id=rule.pk, actor=staff, now=NOW)

    with pytest.raises(HoldNotFound):
        end_hold(rule_id=rule.pk, actor=staff, now=NOW)
    with pytest.raises(HoldNotFound):
        end_hold(rule_id=rule.pk + 1, actor=staff, now=NOW)
    assert [verb for verb, _subject in audited()] == ["hold.begun", "hold.ended"]


# --- What they do -----------------------------------------------------------------------------------------------------
def test_while_the_site_is_paused_every_page_says_so_and_the_form_is_given_back(client: Client, staff: User) -> None:
    make_petition(slug="x")
    pause(staff)

    page = client.get("/en/petitions/x/").text
    answer = client.post("/en/petitions/x/sign/", {"name": "Alice Example", "email": ALICE, **carried("x")})

    assert "Signing is paused" in page
    assert REASON in page
    assert "<form" not in page
    assert answer.status_code == 409
    assert "Alice Example" in answer.text
    assert ALICE in answer.text
    assert REASON in answer.text
    assert not PendingSignature.objects.exists()
    assert "Paused" in client.get("/en/petitions/").text


def test_while_the_site_is_paused_mailed_links_go_on_proving(client: Client, staff: User) -> None:
    make_petition(slug="x")
    client.post("/en/petitions/x/sign/", {"name": "Alice Example", "email": ALICE, **carried("x")})
    pause(staff)

    answer = client.post(reverse("petitions:verify", args=[proof_tokens()[0]]))

    assert answer.status_code == 303
    assert Signature.objects.counted().count() == 1


def test_a_petition_that_its_team_paused_keeps_its_own_reason(client: Client, staff: User) -> None:
    make_petition(slug="x", state="paused", pause_reason="We are checking the text.")  # type: ignore[arg-type]
    pause(staff)

    page = client.get("/en/petitions/x/").text

    assert "We are checking the text." in page
    assert REASON not in page


def test_after_the_pause_people_sign_again(client: Client, staff: User) -> None:
    make_petition(slug="x")
    pause(staff)
    turn_switch_off(name=SwitchName.PAUSE_SIGNING, actor=staff, now=NOW)

    answer = client.post("/en/petitions/x/sign/", {"name": "Alice Example", "email": ALICE, **carried("x")})

    assert answer.status_code == 303


# --- The page ---------------------------------------------------------------------------------------------------------
def test_the_page_says_what_each_switch_does_and_who_changed_it(staff_client: Client, staff: User) -> None:
    pause(staff)
    hold_domain(domain="spam.example", reason="Two hundred in a minute", actor=staff, now=NOW)

    page = staff_client.get(reverse("petitions:switches")).text

    assert "links that were mailed already go on proving signatures" in page
    assert REASON in page
    assert "Two hundred in a minute" in page
    assert "Turned on" in page
    assert "Inès" in page


@pytest.mark.parametrize(
    ("name", "form", "level"),
    [
        ("pause_signing", {"pause_signing-reason": REASON}, 1),
        ("proof_of_work", {"proof_of_work-level": "4"}, 4),
        ("stop_bulk_mail", {}, 1),
    ],
)
def test_a_button_turns_a_switch_on_and_another_off(
    staff_client: Client, name: str, form: dict[str, str], level: int
) -> None:
    on = staff_client.post(reverse("petitions:turn-switch-on", args=[name]), form)
    state = switch_state(SwitchName(name))
    off = staff_client.post(reverse("petitions:turn-switch-off", args=[name]))

    assert (on.status_code, off.status_code) == (302, 302)
    assert (state.is_on, state.level) == (True, level)
    assert not switch_state(SwitchName(name)).is_on


@pytest.mark.parametrize("name", SwitchName)
def test_the_list_of_changes_names_a_switch_in_the_readers_words(staff_client: Client, name: SwitchName) -> None:
    titles = {"pause_signing": "Suspendre", "proof_of_work": "Demander plus", "stop_bulk_mail": "Arrêter"}
    forms = {"pause_signing": {"reason": "Attack"}, "proof_of_work": {"level": "2"}, "stop_bulk_mail": {"reason": ""}}
    form = {f"{name}-{field}": said for field, said in forms[name].items()}
    staff_client.post(reverse("petitions:turn-switch-on", args=[name]), form)

    with override("fr"):
        page = staff_client.get(reverse("petitions:switches")).content.decode()

    assert titles[name] in page.rpartition("<tbody>")[2]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("pause_signing", {}),
        ("pause_signing", {"pause_signing-reason": "  \u200b"}),
        ("pause_signing", {"pause_signing-reason": "a" * 201}),
        ("proof_of_work", {}),
        ("proof_of_work", {"proof_of_work-level": "7"}),
        ("proof_of_work", {"proof_of_work-level": "0"}),
        ("proof_of_work", {"proof_of_work-level": "x"}),
    ],
)
def test_a_bad_form_changes_nothing_and_is_given_back(staff_client: Client, name: str, form: dict[str, str]) -> None:
    answer = staff_client.post(reverse("petitions:turn-switch-on", args=[name]), form)

    assert answer.status_code == 422
    assert "field__error" in answer.text
    assert not Switch.objects.filter(is_on=True).exists()


def test_there_is_no_other_switch(staff_client: Client) -> None:
    assert staff_client.post(reverse("petitions:turn-switch-on", args=["everything"])).status_code == 404
    assert staff_client.post(reverse("petitions:turn-switch-off", args=["everything"])).status_code == 404


def hold(client: Client, **changes: str) -> Any:
    form = {"hold-target": "spam.example", "hold-reason": "A rush", "hold-petition": "", **changes}
    return client.post(reverse("petitions:begin-hold"), form)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("spam.example", HoldKind.DOMAIN),
        ("@Spam.Example", HoldKind.DOMAIN),
        ("bücher.example", HoldKind.DOMAIN),
        ("203.0.113.7", HoldKind.NETWORK),
        ("203.0.113.0/24", HoldKind.NETWORK),
        ("203.0.113.7/32", HoldKind.NETWORK),
        ("2001:db8::/56", HoldKind.NETWORK),
        ("2001:DB8::1", HoldKind.NETWORK),
    ],
)
def test_a_domain_or_a_network_can_be_held(staff_client: Client, target: str, kind: HoldKind) -> None:
    answer = hold(staff_client, **{"hold-target": target})

    assert answer.status_code == 302
    assert HoldRule.objects.get().kind == kind


@pytest.mark.parametrize(
    "target", ["", "x", "not a domain", "203.0.113.0/16", "2001:db8::/32", "203.0.113.0/x", "a" * 300, "\x00"]
)
def test_what_is_neither_cannot_be_held(staff_client: Client, target: str) -> None:
    answer = hold(staff_client, **{"hold-target": target})

    assert answer.status_code == 422
    assert not HoldRule.objects.exists()


def test_one_petition_can_be_chosen(staff_client: Client) -> None:
    petition = make_petition(slug="x")

    hold(staff_client, **{"hold-petition": "x"})

    assert HoldRule.objects.get().petition == petition
    assert hold(staff_client, **{"hold-petition": "none"}).status_code == 422


def test_a_hold_is_ended_by_its_button_and_ending_it_again_says_so(staff_client: Client, staff: User) -> None:
    rule = hold_domain(domain="spam.example", reason="A rush", actor=staff, now=timezone.now())
    url = reverse("petitions:end-hold", args=[rule.pk])

    first = staff_client.post(url, follow=True).text
    second = staff_client.post(url, follow=True).text

    assert "The hold has ended." in first
    assert "This hold had ended already." in second
    assert "Nothing is on hold." in second


@pytest.mark.parametrize("view", ["turn-switch-on", "turn-switch-off"])
def test_switches_are_turned_by_post(staff_client: Client, view: str) -> None:
    assert staff_client.get(reverse(f"petitions:{view}", args=["pause_signing"])).status_code == 405


def test_owners_of_a_team_are_not_the_sites_staff(bob_client: Client) -> None:
    assert bob_client.get(reverse("petitions:switches")).status_code == 403
    assert bob_client.post(reverse("petitions:turn-switch-on", args=["stop_bulk_mail"])).status_code == 403
    assert not Switch.objects.exists()


def test_staff_without_a_second_factor_are_sent_to_set_it_up(staff_client: Client, settings: Settings) -> None:
    settings.STAFF_MFA_REQUIRED = True

    answer = staff_client.post(reverse("petitions:turn-switch-on", args=["stop_bulk_mail"]))

    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index"))
    assert not Switch.objects.exists()


def test_the_way_to_the_switches_is_shown_to_staff_alone(staff_client: Client, bob_client: Client) -> None:
    link = f'href="{reverse("petitions:switches")}"'

    assert link in staff_client.get(reverse("accounts:overview")).text
    assert link not in bob_client.get(reverse("accounts:overview")).text


def test_what_another_process_changed_is_seen_after_the_memory_ends(db: None) -> None:
    assert not switch_state(SwitchName.PAUSE_SIGNING).is_on
    Switch.objects.create(name=SwitchName.PAUSE_SIGNING, is_on=True, reason=REASON, changed_at=NOW)

    remembered = switch_state(SwitchName.PAUSE_SIGNING).is_on
    forget_switches()

    assert (remembered, switch_state(SwitchName.PAUSE_SIGNING).is_on) == (False, True)


def test_a_hold_that_ended_long_ago_is_forgotten(staff: User) -> None:
    hold_network(prefix="203.0.113.0/24", reason="A rush", actor=staff, now=NOW)
    lasting = hold_domain(domain="spam.example", reason="A rush", actor=staff, now=NOW)

    kept = forget_networks(retention=timedelta(days=30), now=NOW + timedelta(days=30))
    forgotten = forget_networks(retention=timedelta(days=30), now=NOW + timedelta(days=31))

    assert (kept, forgotten) == (0, 1)
    assert HoldRule.objects.get() == lasting
