"""The public integrity page: its sums are the count, each removal has its reason, and it helps no attacker."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from petitions.actions.attempt_hours import fold_attempts
from petitions.actions.cases import advance_case
from petitions.actions.leaving import withdraw_signature
from petitions.actions.tally import fold_tally
from petitions.models import (
    AttemptEntry,
    AttemptHour,
    HeldReason,
    Petition,
    RemovalReason,
    TallyReason,
    TallyReasonTotal,
)
from petitions.queries.counts import published_count
from petitions.queries.links import my_signature_token
from petitions.queries.public_integrity import public_integrity
from petitions.rules.cases import Conditions
from petitions.rules.changes import text_changes
from tests.factories import NOW, make_petition, make_petition_text
from tests.petitions.casework import (
    BAD_DOMAIN,
    HELD,
    advance_to_the_end,
    begin_run,
    begin_undoing,
    make_bots,
    make_case,
    make_done_case,
    make_proved,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def petition() -> Petition:
    return make_petition(slug="keep")


def page(client: Client, view: str = "petition-integrity") -> Any:
    return client.get(reverse(f"petitions:{view}", args=["keep"]))


def fold(petition: Petition) -> None:
    while fold_tally(petition_id=petition.pk, now=NOW):
        pass


def test_the_sums_are_the_published_count(petition: Petition) -> None:
    for _ in range(7):
        leaving = make_proved(petition)
    make_bots(petition, 6)
    advance_to_the_end(begin_undoing(make_done_case(petition)))
    make_done_case(petition)
    withdraw_signature(token=my_signature_token(signature_id=leaving.pk, now=NOW), now=NOW)
    fold(petition)

    shown = public_integrity(petition=petition, now=LATER)

    assert (shown.sums.proved, shown.sums.withdrawn, shown.sums.removed, shown.sums.restored) == (13, 1, 12, 6)
    assert shown.sums.standing == published_count(petition_id=petition.pk) == 6
    assert [(row.reason, row.removed) for row in shown.reasons] == [("automated", 12)]
    assert (shown.under_way, shown.without_a_case) == (0, 0)
    # The newest first: they were done at the same instant, so that their numbers decide.
    assert [(case.removed, case.restored, case.is_undone) for case in shown.cases] == [(6, 0, False), (6, 6, True)]


def test_what_a_running_case_took_is_told_before_the_count_follows(petition: Petition) -> None:
    make_bots(petition, 9)
    fold(petition)
    case = begin_run(make_case(petition))
    advance_case(case_id=case.pk, now=NOW, batch=6)

    shown = public_integrity(petition=petition, now=LATER)

    assert (shown.sums.standing, shown.sums.removed, shown.under_way) == (9, 0, 6)


def test_removals_from_before_there_were_cases_are_told_apart(petition: Petition, client: Client) -> None:
    for reason, n in ((TallyReason.PROVED, 100), (TallyReason.INVALIDATED, 30)):
        TallyReasonTotal.objects.create(petition=petition, reason=reason, n=n)

    assertContains(page(client), "Removed without a case")
    assert public_integrity(petition=petition, now=LATER).without_a_case == 30


def test_small_cells_are_hidden_and_cannot_be_reckoned(petition: Petition) -> None:
    make_bots(petition, 2)
    make_done_case(petition)
    for country, n in (("KR", 6), ("JP", 20)):
        for _ in range(n):
            make_proved(petition, country=country)
        case = make_case(petition, conditions=Conditions(country=country))
        type(case).objects.filter(pk=case.pk).update(
            reason=RemovalReason.DISPOSABLE if country == "KR" else RemovalReason.FORGED
        )
        case.refresh_from_db()
        advance_to_the_end(begin_run(case))
    fold(petition)

    shown = public_integrity(petition=petition, now=LATER)

    assert shown.sums.removed == 28
    assert {row.reason: row.removed for row in shown.reasons} == {
        "forged": 20,
        "disposable": "withheld",
        "automated": "<5",
    }
    assert "<5" in [case.removed for case in shown.cases]


def test_each_removal_is_told_with_its_reason_and_its_undoing(petition: Petition, client: Client) -> None:
    make_bots(petition, 5)
    case = make_done_case(petition, note="One mail domain, <b>one</b> night.")

    assertContains(page(client), "Sent by a program: 5 signatures")
    assertContains(page(client), "One mail domain, &lt;b&gt;one&lt;/b&gt; night.")
    advance_to_the_end(begin_undoing(case))
    assertContains(page(client), "5 signatures were given back to the count.")
    assertContains(page(client), "It was a school.")


def test_previews_and_conditions_are_nobody_elses_business(petition: Petition, client: Client) -> None:
    make_bots(petition, 5)
    make_case(petition, note="A suspicion.")

    assertNotContains(page(client), "A suspicion.")
    assertContains(page(client), "Nothing was ever removed")
    make_done_case(petition)
    assertNotContains(page(client), BAD_DOMAIN.hex())
    assertNotContains(page(client), "bots.example")


def test_whoever_tries_the_defence_does_not_read_its_answer_here(petition: Petition) -> None:
    now = NOW + timedelta(minutes=50)
    for n in range(6):
        make_proved(petition, held=HELD, verified_at=NOW - timedelta(minutes=n + 1))
        AttemptEntry.objects.create(petition=petition, occurred_at=NOW - timedelta(minutes=1), held_reason=HELD)
    make_proved(petition, held=HELD, verified_at=now)
    AttemptEntry.objects.create(petition=petition, occurred_at=now, held_reason=HeldReason.HONEYPOT)
    fold_attempts()

    shown = public_integrity(petition=petition, now=now)

    assert (shown.held, shown.attempts, shown.attempts_held, shown.until) == (6, 6, 6, NOW)
    assert shown.attempts_since == NOW - timedelta(hours=1)


def test_few_held_ones_are_not_told_by_number(petition: Petition) -> None:
    make_proved(petition, held=HELD)

    assert public_integrity(petition=petition, now=LATER).held == "<5"


def test_the_page_may_be_kept_like_other_public_pages(petition: Petition, client: Client) -> None:
    answer = page(client)

    assert "public" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_attempts_are_added_up_once_by_hour_and_reason(petition: Petition) -> None:
    for minutes, reason in ((0, ""), (59, ""), (60, ""), (5, HeldReason.HONEYPOT)):
        AttemptEntry.objects.create(petition=petition, occurred_at=NOW + timedelta(minutes=minutes), held_reason=reason)

    assert [fold_attempts(batch=3), fold_attempts(), fold_attempts()] == [3, 1, 0]

    hours = AttemptHour.objects.order_by("starts_at", "held_reason").values_list("starts_at", "held_reason", "n")
    assert list(hours) == [(NOW, "", 2), (NOW, "honeypot", 1), (NOW + timedelta(hours=1), "", 1)]
    assert not AttemptEntry.objects.exists()


def test_the_history_shows_each_language_apart_with_what_changed(petition: Petition, client: Client) -> None:
    make_petition_text(petition=petition, version=2, body="We ask for **two** things.", created_at=timezone.now())

    answer = page(client, "petition-history")

    assert set(answer.context["versions"]) == {"en", "fr"}
    assert [version.text.version for version in answer.context["versions"]["en"]] == [2, 1]
    assertContains(answer, "<del>")
    assertContains(answer, "<ins>")


def test_a_reworded_paragraph_is_compared_word_by_word() -> None:
    (change,) = text_changes(old="We ask for one thing, and soon.", new="We ask for two things, and soon.")

    assert [(piece.kind, piece.text) for piece in change.pieces] == [
        ("kept", "We ask for "),
        ("removed", "one"),
        ("added", "two"),
        ("kept", " "),
        ("removed", "thing"),
        ("added", "things"),
        ("kept", ", and soon."),
    ]


def test_another_paragraph_in_its_place_is_shown_whole() -> None:
    changes = text_changes(old="A\n\nKeep it.", new="A\n\nLibraries are for everybody; open them.")

    assert [(change.kind, change.text) for change in changes] == [
        ("kept", ""),
        ("removed", "Keep it."),
        ("added", "Libraries are for everybody; open them."),
    ]


def test_added_and_removed_paragraphs_stay_apart() -> None:
    changes = text_changes(old="One.\nTwo.\nThree.", new="One.\nThree.\nFour.")

    assert [(change.kind, change.text) for change in changes if change.kind != "kept"] == [
        ("removed", "Two."),
        ("added", "Four."),
    ]
