"""Judging attempts: what is held, and why; people are left alone."""

from datetime import datetime, timedelta
from typing import Any

import altcha
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.visitors import network_digest, visitor_network
from outbox.models import SwitchName
from petitions.actions.defence import Evidence, judge_attempt
from petitions.actions.switches import end_hold, hold_domain, hold_network, turn_switch_on
from petitions.models import Petition
from petitions.queries.sign_forms import make_form_token
from petitions.queries.work import make_challenge
from petitions.rules.defence import Judgement
from tests.factories import NOW, make_petition, make_user
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db
SLUG = "keep-it"
NETWORK, HOME = "203.0.113.0/24", "2001:db8:1:200::/56"


def evidence(*, now: datetime = NOW, **changes: Any) -> Evidence:
    good = {"address": "alice@example.org", "network": NETWORK, "form_token": carried(SLUG, now=now)["form_token"]}
    return Evidence(**{**good, **changes})


def judge(*, now: datetime = NOW, slug: str = SLUG, **changes: Any) -> Judgement:
    return judge_attempt(slug=slug, evidence=evidence(now=now, **changes), now=now)


def solved(*, slug: str = SLUG, level: int = 1, now: datetime | None = None) -> str:
    """A proof of work, done in Python by the same protocol as in a browser."""
    challenge = altcha.Challenge.from_dict(make_challenge(slug=slug, level=level, now=now or timezone.now()))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


@pytest.fixture
def staff(db: None) -> User:
    return make_user(is_staff=True)


@pytest.fixture
def quick_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same protocol, each try a hundred times cheaper."""
    monkeypatch.setattr("petitions.queries.work.ROUNDS_PER_TRY", 50)


# --- People -----------------------------------------------------------------------------------------------------------
def test_nothing_speaks_against_a_person() -> None:
    judgement = judge()

    assert judgement.held_reason == ""
    assert judgement.form_age_s == 60
    assert judgement.network_digest == network_digest(prefix=NETWORK, day=NOW.date())


def test_a_person_whose_network_is_not_known_is_taken() -> None:
    judgement = judge(network="")

    assert judgement.held_reason == ""
    assert judgement.network_digest is None


def test_judging_asks_the_database_twice_in_two_seconds_and_writes_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        judge()
        judge()

    assert len(captured) == 2  # the switches and the holds
    assert all(query["sql"].startswith("SELECT") for query in captured)


# --- The trap and the stamp -------------------------------------------------------------------------------------------
def test_whoever_fills_in_the_field_that_nobody_sees_is_held_without_a_mail() -> None:
    judgement = judge(honeypot="https://example.org")

    assert judgement.held_reason == "honeypot"
    assert judgement.withholds_mail


def test_blanks_in_the_trap_are_nobodys_fault() -> None:
    assert judge(honeypot="  ").held_reason == ""


@pytest.mark.parametrize(
    ("age", "reason", "age_s"),
    [
        (timedelta(0), "", 0),  # browsers fill in forms, too
        (timedelta(seconds=2), "", 2),
        (timedelta(hours=9), "", 32_400),
        (timedelta(days=7), "", 604_800),
        (timedelta(days=7, seconds=2), "form_age", None),
        (timedelta(seconds=-1), "", 2),  # the clocks of two servers differ
    ],
)
def test_in_calm_a_form_may_come_back_at_once_but_not_after_a_week(
    age: timedelta, reason: str, age_s: int | None
) -> None:
    # Made at an even second, as all stamps are.
    judgement = judge(form_token=make_form_token(slug=SLUG, asked_work=0, now=NOW), now=NOW + age)

    assert (judgement.held_reason, judgement.form_age_s) == (reason, age_s)
    assert not judgement.withholds_mail


def test_a_proxy_that_nobody_declared_is_no_network() -> None:
    assert visitor_network({"REMOTE_ADDR": "127.0.0.1"}) == visitor_network({"REMOTE_ADDR": "::1"}) == ""


@pytest.mark.parametrize(("age_s", "reason"), [(0, "form_age"), (1, "form_age"), (2, "")])
def test_under_attack_a_form_that_comes_back_at_once_is_held(
    settings: Settings, quick_work: None, age_s: int, reason: str
) -> None:
    settings.WORK_CALM_RATE = 0.5
    token = make_form_token(slug=SLUG, asked_work=1, now=NOW)

    judgement = judge(form_token=token, work=solved(), now=NOW + timedelta(seconds=age_s))

    assert (judgement.held_reason, judgement.form_age_s) == (reason, age_s)
    assert not judgement.withholds_mail


@pytest.mark.parametrize("cut", ["", "x", "0.1vxabc~forged", "~", "a" * 5_000, "\x00", "é"])
def test_a_form_without_a_stamp_of_ours_is_held(cut: str) -> None:
    assert judge(form_token=cut).held_reason == "form_age"


def test_a_stamp_of_another_petition_is_none() -> None:
    assert judge(form_token=carried("another", now=NOW)["form_token"]).held_reason == "form_age"


def test_an_altered_stamp_is_none() -> None:
    token = carried(SLUG, now=NOW)["form_token"]

    assert judge(form_token="1" + token[1:]).held_reason == "form_age"


def test_all_pages_of_two_seconds_carry_one_stamp() -> None:
    def stamp(ms: int) -> str:
        return make_form_token(slug=SLUG, asked_work=0, now=NOW + timedelta(milliseconds=ms))

    assert stamp(0) == stamp(1) == stamp(1_999) != stamp(2_000)


# --- Rates ------------------------------------------------------------------------------------------------------------
def limit(settings: Settings, kind: str, most: int) -> None:
    settings.SIGNING_LIMITS = {**settings.SIGNING_LIMITS, kind: ((most, timedelta(minutes=10)),)}


@pytest.mark.parametrize(("kind", "network"), [("ipv4", NETWORK), ("ipv6", HOME)])
def test_too_many_from_one_network_are_held_without_a_mail(settings: Settings, kind: str, network: str) -> None:
    limit(settings, kind, 2)

    reasons = [judge(network=network, address=f"a@d{n}.example").held_reason for n in range(3)]

    assert reasons == ["", "", "network_rate"]
    assert judge(network=network).withholds_mail
    assert judge(network="198.51.100.0/24").held_reason == ""
    assert judge(network=network, now=NOW + timedelta(minutes=20)).held_reason == ""


def test_too_many_from_one_small_domain_are_held_without_a_mail(settings: Settings) -> None:
    limit(settings, "domain", 2)
    settings.BIG_MAIL_DOMAINS = frozenset()  # else example.org is one

    reasons = [judge(address=f"a{n}@Example.org").held_reason for n in range(3)]

    assert reasons == ["", "", "domain_rate"]
    assert judge(address="b@example.org").withholds_mail
    assert judge(address="a@example.net").held_reason == ""


def test_a_great_provider_is_not_throttled_as_a_small_domain(settings: Settings) -> None:
    limit(settings, "domain", 2)
    settings.BIG_MAIL_DOMAINS = frozenset({"university.example"})

    assert {judge(address=f"a{n}@gmail.com").held_reason for n in range(5)} == {""}
    assert {judge(address=f"a{n}@university.example").held_reason for n in range(5)} == {""}


def test_a_network_is_counted_whichever_petition_it_signs(settings: Settings) -> None:
    limit(settings, "ipv4", 1)
    judge()

    assert judge(slug="other", form_token=carried("other", now=NOW)["form_token"]).held_reason == "network_rate"


def test_the_limits_leave_room_for_people() -> None:
    # A family behind one /56, an office behind one /24 and its mail domain.
    assert {judge(network=HOME, address=f"a{n}@gmail.com").held_reason for n in range(12)} == {""}
    assert {judge(address=f"b{n}@office.example").held_reason for n in range(50)} == {""}


def test_without_valkey_nobody_is_throttled_and_nobody_works(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    limit(settings, "ipv4", 0)
    settings.WORK_CALM_RATE = 1

    assert [judge().held_reason for _ in range(3)] == [""] * 3
    assert judge(honeypot="x").held_reason == "honeypot"


# --- The proof of work ------------------------------------------------------------------------------------------------
def under_attack(settings: Settings) -> None:
    settings.WORK_CALM_RATE = 0.5


def from_a_page_that_asked(now: datetime) -> str:
    return carried(SLUG, asked_work=1, now=now)["form_token"]


def test_under_attack_whoever_did_no_work_is_held_with_a_mail(settings: Settings) -> None:
    under_attack(settings)

    judgement = judge(form_token=from_a_page_that_asked(NOW))

    assert judgement.held_reason == "no_work"
    assert not judgement.withholds_mail


def test_in_calm_nobody_works() -> None:
    assert judge(form_token=from_a_page_that_asked(NOW)).held_reason == ""


def test_work_that_was_done_is_taken_once(settings: Settings, quick_work: None) -> None:
    under_attack(settings)
    now = timezone.now()
    token, work = from_a_page_that_asked(now), solved()

    reasons = [judge(now=now, form_token=token, work=work).held_reason for _ in range(3)]

    assert reasons == ["", "no_work", "no_work"]


def test_work_for_another_petition_is_none(settings: Settings, quick_work: None) -> None:
    under_attack(settings)
    now = timezone.now()

    assert judge(now=now, form_token=from_a_page_that_asked(now), work=solved(slug="x")).held_reason == "no_work"


def test_work_on_an_old_challenge_is_none(settings: Settings, quick_work: None) -> None:
    under_attack(settings)
    now = timezone.now()
    old = solved(now=now - settings.WORK_LIFETIME - timedelta(seconds=2))

    assert judge(now=now, form_token=from_a_page_that_asked(now), work=old).held_reason == "no_work"


@pytest.mark.parametrize(
    "work",
    [
        "e30=",
        "bm90IEpTT04=",
        "[]",
        "W10=",
        "%",
        "\x00",
        "é",
        "a" * 100_000,
        "eyJjaGFsbGVuZ2UiOiB7fSwgInNvbHV0aW9uIjoge319",
    ],
)
def test_work_that_is_none_is_none(settings: Settings, work: str) -> None:
    under_attack(settings)

    assert judge(form_token=from_a_page_that_asked(NOW), work=work).held_reason == "no_work"


def test_a_challenge_cannot_be_made_easier(settings: Settings, quick_work: None) -> None:
    under_attack(settings)
    now = timezone.now()
    challenge = make_challenge(slug=SLUG, level=6, now=now)
    easier = altcha.Challenge.from_dict(challenge)
    easier.parameters.key_prefix = ""
    solution = altcha.solve_challenge(easier)
    assert solution is not None
    work = altcha.Payload(easier, solution).to_base64()

    assert judge(now=now, form_token=from_a_page_that_asked(now), work=work).held_reason == "no_work"


def test_a_page_that_was_opened_in_calm_is_excused_for_a_while(settings: Settings) -> None:
    under_attack(settings)
    calm = make_form_token(slug=SLUG, asked_work=0, now=NOW)

    def reason_after(minutes: int) -> str:
        return judge(form_token=calm, now=NOW + timedelta(minutes=minutes)).held_reason

    assert [reason_after(minutes) for minutes in (1, 9, 11)] == ["", "", "no_work"]


def test_one_page_of_calm_does_not_excuse_a_program_for_ever(settings: Settings) -> None:
    under_attack(settings)

    reasons = [judge(form_token=carried(SLUG, now=NOW)["form_token"]).held_reason for _ in range(12)]

    assert reasons == [""] * 10 + ["no_work"] * 2


def test_staff_can_ask_for_work_in_calm(staff: User) -> None:
    turn_switch_on(name=SwitchName.PROOF_OF_WORK, level=3, actor=staff, now=NOW)

    assert judge(form_token=from_a_page_that_asked(NOW)).held_reason == "no_work"


# --- Domains and holds ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["a@mailinator.com", "a@x.y.mailinator.com", "a@MAILINATOR.com"])
def test_throw_away_addresses_are_held_with_a_mail(address: str) -> None:
    judgement = judge(address=address)

    assert judgement.held_reason == "disposable"
    assert not judgement.withholds_mail


@pytest.mark.parametrize("address", ["a@bücher.example", "a@" + "ü" * 63 + ".example"])
def test_an_international_domain_is_a_domain(address: str) -> None:
    assert judge(address=address).held_reason == ""


def test_a_domain_on_hold_is_held_at_once_and_let_go_at_once(staff: User) -> None:
    judge()  # what this process remembers of the rules does not delay its own change
    rule = hold_domain(domain="example.org", reason="A rush", actor=staff, now=NOW)

    assert judge(address="x@Example.ORG").held_reason == "rule"
    assert judge(address="x@example.net").held_reason == ""

    end_hold(rule_id=rule.pk, actor=staff, now=NOW)
    assert judge(address="x@example.org").held_reason == ""


def test_a_network_on_hold_is_held_until_midnight(staff: User) -> None:
    hold_network(prefix=NETWORK, reason="A rush", actor=staff, now=NOW)

    assert judge().held_reason == "rule"
    assert judge(network=HOME).held_reason == ""
    assert judge(network="").held_reason == ""
    assert judge(now=NOW + timedelta(hours=11, minutes=59)).held_reason == "rule"
    assert judge(now=NOW + timedelta(hours=12)).held_reason == ""


def test_a_hold_of_one_petition_is_of_one_petition(staff: User) -> None:
    petition: Petition = make_petition(slug="held")
    hold_domain(domain="example.org", petition=petition, reason="A rush", actor=staff, now=NOW)

    assert judge().held_reason == ""
    assert judge(slug="held", form_token=carried("held", now=NOW)["form_token"]).held_reason == "rule"


def test_what_would_mail_somebody_else_comes_first(settings: Settings) -> None:
    limit(settings, "ipv4", 0)

    judgement = judge(honeypot="x", form_token="", address="a@mailinator.com")

    assert judgement.held_reason == "network_rate"
