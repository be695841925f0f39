"""The integrity console: who may enter, what it shows of whom, and what each button does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEntry, Role, Team
from outbox.digests import domain_digest
from petitions.actions.attempt_hours import fold_attempts
from petitions.actions.tally import fold_tally
from petitions.models import AttemptEntry, CaseState, HeldReason, IntegrityCase, Petition, Signature
from petitions.queries.clusters import clusters_of
from petitions.queries.integrity_hours import hour_of, integrity_hours
from petitions.rules.hour_chart import hour_chart
from tests.factories import NOW, make_membership, make_petition
from tests.petitions.casework import (
    BAD_DOMAIN,
    HELD,
    NETWORK,
    advance_to_the_end,
    begin_run,
    make_attempt,
    make_bots,
    make_case,
    make_done_case,
    make_proved,
)
from tests.petitions.counting import assert_count_is_true, load_signatures

pytestmark = pytest.mark.django_db
PAGES = ["integrity-console", "integrity-held", "integrity-cases", "new-case"]
BUTTONS = ["run-case", "undo-case", "discard-case"]


@pytest.fixture
def petition(team: Team) -> Petition:
    return make_petition(team=team, slug="keep")


def url(view: str, *arguments: object) -> str:
    return reverse(f"petitions:{view}", args=["keep", *arguments])


def recently(minutes: int = 30) -> Any:
    return timezone.now() - timedelta(minutes=minutes)


# --- Who may enter --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", PAGES)
def test_strangers_are_sent_to_sign_in(client: Client, petition: Petition, view: str) -> None:
    assertRedirects(client.get(url(view)), f"{reverse('account_login')}?next={url(view)}")


@pytest.mark.parametrize("view", PAGES)
def test_other_roles_stay_outside(team: Team, mona_client: Client, charlie_client: Client, view: str) -> None:
    make_petition(team=team, slug="keep")
    analyst = Client()
    analyst.force_login(make_membership(team=team, role=Role.ANALYST).user)

    assert [visitor.get(url(view)).status_code for visitor in (mona_client, charlie_client, analyst)] == [403] * 3


@pytest.mark.parametrize("view", PAGES)
def test_a_petition_of_another_team_is_not_found(bob_client: Client, view: str) -> None:
    make_petition(slug="theirs")

    assert bob_client.get(reverse(f"petitions:{view}", args=["theirs"])).status_code == 404


@pytest.mark.parametrize("view", BUTTONS)
def test_cases_of_another_team_can_neither_be_seen_nor_moved(bob_client: Client, petition: Petition, view: str) -> None:
    theirs = make_petition(slug="theirs")
    make_bots(theirs, 1)
    case = make_case(theirs)

    for slug in ("theirs", "keep"):
        assert bob_client.get(reverse("petitions:integrity-case", args=[slug, case.pk])).status_code == 404
        answer = bob_client.post(reverse(f"petitions:{view}", args=[slug, case.pk]), {"reason": "Mine."})
        assert answer.status_code == 404
    case.refresh_from_db()
    assert case.state == CaseState.PREVIEWED


@pytest.mark.parametrize("view", BUTTONS)
def test_buttons_are_posts(bob_client: Client, petition: Petition, view: str) -> None:
    make_bots(petition, 1)

    assert bob_client.get(url(view, make_case(petition).pk)).status_code == 405
    assert bob_client.get(url("release-held")).status_code == 405


@pytest.mark.parametrize("case_id", [0, 999, 2**80])
def test_an_unknown_case_is_not_found(bob_client: Client, petition: Petition, case_id: int) -> None:
    assert bob_client.get(url("integrity-case", case_id)).status_code == 404


# --- Hours ----------------------------------------------------------------------------------------------------------
def test_each_hour_adds_up_attempts_and_proofs(petition: Petition) -> None:
    hour = hour_of(NOW)
    for minutes in (0, 30, 59):
        make_proved(petition, verified_at=hour + timedelta(minutes=minutes))
    make_proved(petition, held=HELD, verified_at=hour)
    make_bots(petition, 2, verified_at=hour + timedelta(hours=1))
    make_done_case(petition)
    for reason in ("", HeldReason.HONEYPOT, HeldReason.HONEYPOT):
        AttemptEntry.objects.create(petition=petition, occurred_at=hour, held_reason=reason)
    fold_attempts()
    fold_tally(petition_id=petition.pk, now=NOW)

    hours = integrity_hours(petition_id=petition.pk, since=hour, until=hour + timedelta(hours=3))

    shown = [(h.attempts, h.attempts_held, h.proved, h.counted, h.held, h.removed) for h in hours]
    assert shown == [(3, 2, 4, 3, 1, 0), (0, 0, 2, 0, 0, 2), (0, 0, 0, 0, 0, 0)]


def test_the_bars_stand_on_each_other_and_inside_the_picture(petition: Petition) -> None:
    load_signatures(petition, 1_100, first_at=NOW)
    fold_tally(petition_id=petition.pk, now=NOW)
    hours = integrity_hours(petition_id=petition.pk, since=NOW, until=NOW + timedelta(hours=48))

    chart = hour_chart(hours)

    (bar,) = chart.bars
    assert (bar.kind, [label.value for label in chart.values]) == ("counted", [2000, 1000])
    assert bar.y + bar.height == pytest.approx(chart.floor)
    assert hour_chart([]).bars == []


def test_the_console_shows_the_last_two_days_and_any_day(bob_client: Client, petition: Petition) -> None:
    make_proved(petition, verified_at=recently())
    make_proved(petition, verified_at=NOW)
    fold_tally(petition_id=petition.pk, now=NOW)

    assert bob_client.get(url("integrity-console")).context["sums"]["counted"] == 1
    day = bob_client.get(url("integrity-console"), {"day": NOW.date().isoformat()})
    assert (day.context["sums"]["counted"], len(day.context["hours"])) == (1, 24)
    assert bob_client.get(url("integrity-console"), {"day": "yesterday"}).status_code == 422


# --- Clusters ---------------------------------------------------------------------------------------------------------
def test_clusters_name_what_signatures_have_in_common(petition: Petition) -> None:
    for n in range(5):
        address = f"k{n}@big.example"
        make_proved(
            petition,
            email=address,
            domain_digest=domain_digest(address=address),
            network_digest=NETWORK,
            name_shape="a9",
            form_age_s=2,
            held=HELD if n == 0 else "",
            signed_at=NOW - timedelta(seconds=4),
        )
    make_proved(petition, form_age_s=60, name_shape="Aa Aa")

    found = clusters_of(petition_id=petition.pk, since=NOW, until=NOW + timedelta(hours=1))

    domain = found.groups["domain"][0]
    assert (domain.label, domain.rows, domain.held, round(domain.share)) == ("big.example", 5, 1, 83)
    assert [(cluster.key, cluster.rows) for cluster in found.groups["network"]] == [(NETWORK.hex(), 5)]
    assert [(cluster.key, cluster.rows) for cluster in found.groups["name_shape"]] == [("a9", 5)]
    assert [(speed.below_s, speed.rows) for speed in found.form_ages] == [(3, 5), (10, 5), (30, 5)]
    assert [(speed.below_s, speed.rows) for speed in found.proof_speeds] == [(5, 5), (20, 5), (60, 5)]


def test_four_of_one_domain_stay_unnamed(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 4, verified_at=recently())

    page = bob_client.get(url("integrity-console"))

    assertNotContains(page, "bots.example")
    assertNotContains(page, BAD_DOMAIN.hex())


def test_the_console_shows_no_name_and_no_address(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 6, verified_at=recently(), held=HELD)
    make_attempt(petition, held=HELD, email="secret@example.org")
    case = make_case(petition)

    for page in [*PAGES, "integrity-case"]:
        answer = bob_client.get(url(page, *([case.pk] if page == "integrity-case" else [])))
        assertNotContains(answer, "Alice Example")
        assertNotContains(answer, "@bots.example")
        assertNotContains(answer, "secret")
    assertContains(bob_client.get(url("integrity-case", case.pk)), "A. E.")
    assertContains(bob_client.get(url("integrity-case", case.pk)), "bots.example")


def test_what_was_removed_is_in_no_cluster(petition: Petition) -> None:
    make_bots(petition, 6)
    make_done_case(petition)

    assert clusters_of(petition_id=petition.pk, since=NOW, until=NOW + timedelta(hours=1)).rows == 0


def test_the_pages_cost_the_same_for_any_number_of_rows(bob_client: Client, petition: Petition) -> None:
    def cost() -> list[int]:
        statements = []
        for view in ("integrity-console", "integrity-held", "integrity-cases"):
            with CaptureQueriesContext(connection) as captured:
                assert bob_client.get(url(view)).status_code == 200
            statements.append(len(captured))
        return statements

    grow(petition)
    before = cost()
    grow(petition)
    grow(petition)

    assert cost() == before
    assert max(before) <= 20


def grow(petition: Petition) -> None:
    make_bots(petition, 6, verified_at=recently())
    make_bots(petition, 6, verified_at=recently(), held=HELD, network_digest=NETWORK)
    make_attempt(petition, held=HeldReason.HONEYPOT, domain_digest=BAD_DOMAIN)
    make_case(petition)


# --- Cases ------------------------------------------------------------------------------------------------------------
def test_a_cluster_leads_to_its_case_with_everything_filled_in(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 5, verified_at=recently())
    console = bob_client.get(url("integrity-console"))
    link = console.text.split(BAD_DOMAIN.hex())[0].rsplit('href="', 1)[1].replace("&amp;", "&") + BAD_DOMAIN.hex()

    form = bob_client.get(link)

    assertContains(form, "bots.example")
    answer = bob_client.post(url("new-case"), {**initial_of(form), "reason": "automated", "note": "One program."})
    case = IntegrityCase.objects.get()
    assertRedirects(answer, url("integrity-case", case.pk))
    assert (case.found_counted, case.conditions["domain"]) == (5, BAD_DOMAIN.hex())
    assert set(case.conditions) == {"domain", "since", "until"}


def initial_of(answer: Any) -> dict[str, str]:
    form = answer.context["form"]
    return {name: str(form[name].value()) for name in form.fields if form[name].value() not in (None, "")}


def test_a_case_is_previewed_run_and_undone_by_buttons(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 2)
    make_proved(petition)
    posted = {"reason": "automated", "note": "One program.", "domain": BAD_DOMAIN.hex()}
    bob_client.post(url("new-case"), posted)
    case = IntegrityCase.objects.get()
    fold_tally(petition_id=petition.pk, now=NOW)

    assertContains(bob_client.get(url("integrity-case", case.pk)), "from 3 to 1")
    assertRedirects(bob_client.post(url("run-case", case.pk)), url("integrity-case", case.pk))
    assertContains(bob_client.get(url("integrity-case", case.pk)), "0 of 2 rows are handled")
    advance_to_the_end(case)
    assert Signature.objects.counted().count() == 1
    assertRedirects(bob_client.post(url("undo-case", case.pk), {"reason": "A school."}), url("integrity-case", case.pk))
    advance_to_the_end(case)
    assertContains(bob_client.get(url("integrity-case", case.pk)), "A school.")
    assert Signature.objects.counted().count() == 3
    assert_count_is_true(petition)


def test_a_discarded_case_shows_nothing_of_its_rows(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 2)
    case = make_case(petition)

    assertRedirects(bob_client.post(url("discard-case", case.pk)), url("integrity-case", case.pk))

    page = bob_client.get(url("integrity-case", case.pk))
    assertContains(page, "Discarded")
    assertNotContains(page, "A. E.")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Give at least one condition"),
        ({"country": "KR"}, "No signature and no attempt meets these conditions"),
        ({"domain": "0" * 63}, "This is no cluster of the console"),
        ({"country": "XX"}, "Select a valid choice"),
        ({"form_age_below_s": "0"}, "greater than or equal to 1"),
        ({"since": "2026-03-02T12:00", "until": "2026-03-02T11:00"}, "The end must come after the beginning"),
        ({"since": "soon"}, "Please give a date and a time"),
        ({"note": ""}, "This field is required"),
    ],
)
def test_a_bad_case_is_refused_and_what_was_typed_stays(
    bob_client: Client, petition: Petition, typed: dict[str, str], sentence: str
) -> None:
    make_proved(petition)

    answer = bob_client.post(url("new-case"), {"reason": "other", "note": "What I saw.", **typed})

    assertContains(answer, sentence, status_code=422)
    assertContains(answer, typed.get("note", "What I saw."), status_code=422)
    assert not IntegrityCase.objects.exists()


def test_a_step_that_somebody_else_has_taken_is_told(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 1)
    case = begin_run(make_case(petition))

    for view in BUTTONS:
        answer = bob_client.post(url(view, case.pk), {"reason": "Too late."})
        assertContains(answer, "This case has moved on in the meantime", status_code=409)


def test_undoing_needs_a_reason(bob_client: Client, petition: Petition) -> None:
    make_bots(petition, 1)
    case = make_done_case(petition)

    assertContains(
        bob_client.post(url("undo-case", case.pk), {"reason": " "}), "This field is required", status_code=422
    )
    case.refresh_from_db()
    assert case.state == CaseState.DONE


def test_a_petition_without_cases_says_what_one_is(bob_client: Client, petition: Petition) -> None:
    assertContains(bob_client.get(url("integrity-cases")), "No case yet")
    assertContains(bob_client.get(url("integrity-held")), "Nothing is held")


# --- Held -------------------------------------------------------------------------------------------------------------
def test_one_held_signature_is_released_by_its_button(bob_client: Client, petition: Petition) -> None:
    first, second = make_bots(petition, 2, held=HELD)

    answer = bob_client.post(
        url("release-held"), {"signature": [first.pk, second.pk], "one": str(second.pk)}, follow=True
    )

    assertContains(answer, "1 signature counts now.")
    assert list(Signature.objects.counted()) == [second]
    assert AuditEntry.objects.get(verb="held.released").subject == "1 signatures, 0 attempts of petition keep"
    assert_count_is_true(petition)


def test_a_shown_group_is_released_at_once_and_nothing_else(bob_client: Client, petition: Petition) -> None:
    shown = make_bots(petition, 3, held=HELD)
    make_bots(petition, 1, held=HeldReason.DISPOSABLE)
    theirs = make_proved(make_petition(), held=HELD)
    page = bob_client.get(url("integrity-held"), {"reason": HELD})
    assert [row.pk for row in page.context["rows"]] == [row.pk for row in reversed(shown)]

    ids = [row.pk for row in shown]
    bob_client.post(url("release-held"), {"signature": [*ids, theirs.pk]})
    bob_client.post(url("release-held"), {"signature": ids})

    assert set(Signature.objects.counted()) == set(shown)
    assert_count_is_true(petition)


def test_what_a_case_removed_is_not_released(bob_client: Client, petition: Petition) -> None:
    (held,) = make_bots(petition, 1, held=HELD)
    make_done_case(petition)

    answer = bob_client.post(url("release-held"), {"signature": [held.pk]}, follow=True)

    assertContains(answer, "Nothing was released")
    assert not Signature.objects.counted().exists()


def test_a_released_attempt_is_like_any_other(bob_client: Client, petition: Petition) -> None:
    attempt = make_attempt(petition, held=HeldReason.FORM_AGE, created_at=recently())
    page = bob_client.get(url("integrity-held"), {"kind": "attempts"})
    assert [row.pk for row in page.context["rows"]] == [attempt.pk]

    answer = bob_client.post(url("release-held"), {"attempt": [attempt.pk]}, follow=True)

    assertContains(answer, "1 attempt is released")
    attempt.refresh_from_db()
    assert attempt.held_reason == ""


@pytest.mark.parametrize(
    "filtered",
    [
        lambda: {"reason": HELD.value},
        lambda: {"hour": NOW.strftime("%Y-%m-%dT%H:00")},
        lambda: {"domain": BAD_DOMAIN.hex()},
        lambda: {"network": NETWORK.hex()},
    ],
)
@pytest.mark.parametrize("kind", ["signatures", "attempts"])
def test_held_rows_are_shown_by_group(
    bob_client: Client, petition: Petition, kind: str, filtered: Callable[[], dict[str, str]]
) -> None:
    columns = {"held": HELD, "domain_digest": BAD_DOMAIN, "network_digest": NETWORK}
    other = {"held": HeldReason.DISPOSABLE}
    if kind == "signatures":
        shown = make_proved(petition, **columns)
        make_proved(petition, verified_at=NOW - timedelta(hours=2), **other)
    else:
        shown = make_attempt(petition, **columns)
        make_attempt(petition, created_at=NOW - timedelta(hours=2), **other)

    page = bob_client.get(url("integrity-held"), {"kind": kind, **filtered()})

    assert [row.pk for row in page.context["rows"]] == [shown.pk]


@pytest.mark.parametrize("sent", [{"signature": "x"}, {"signature": "-1"}, {"attempt": "9" * 30}, {"one": "x"}])
def test_rows_that_no_page_has_shown_release_nothing(
    bob_client: Client, petition: Petition, sent: dict[str, str]
) -> None:
    make_bots(petition, 1, held=HELD)

    answer = bob_client.post(url("release-held"), sent, follow=True)

    assertContains(answer, "rows that it cannot have shown")
    assert not Signature.objects.counted().exists()
