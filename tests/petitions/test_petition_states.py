"""Opening, scheduling, pausing and closing: by hand and by the clock, each once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from petitions.actions import editing
from petitions.models import Petition, PetitionState
from tests.factories import NOW, make_petition
from tests.parallel import run_in_parallel

pytestmark = pytest.mark.django_db
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=30)
DRAFT, SCHEDULED, OPEN, PAUSED, CLOSED = PetitionState


def in_state(state: PetitionState, **fields: Any) -> Petition:
    times: dict[PetitionState, dict[str, Any]] = {
        DRAFT: {"opens_at": None},
        SCHEDULED: {"opens_at": SOON},
        CLOSED: {"closes_at": NOW - timedelta(hours=1)},
    }
    return make_petition(state=state, **{**times.get(state, {}), **fields})


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


STEPS: dict[str, tuple[Callable[..., Petition], dict[str, Any], PetitionState, set[PetitionState]]] = {
    "open": (editing.open_petition, {}, OPEN, {DRAFT, SCHEDULED}),
    "schedule": (editing.schedule_petition, {"opens_at": SOON}, SCHEDULED, {DRAFT, SCHEDULED}),
    "unschedule": (editing.unschedule_petition, {}, DRAFT, {SCHEDULED}),
    "pause": (editing.pause_petition, {"reason": "We check."}, PAUSED, {OPEN}),
    "resume": (editing.resume_petition, {}, OPEN, {PAUSED}),
    "close": (editing.close_petition, {}, CLOSED, {OPEN, PAUSED}),
}


@pytest.mark.parametrize("before", list(PetitionState))
@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_leads_from_its_own_states_only(step: str, before: PetitionState) -> None:
    action, arguments, after, from_states = STEPS[step]
    petition = in_state(before)

    if before in from_states:
        assert action(petition_id=petition.pk, now=NOW, **arguments).state == after
        assert len(verbs()) == 1
    else:
        with pytest.raises(editing.IllegalTransition):
            action(petition_id=petition.pk, now=NOW, **arguments)
        assert verbs() == []
    petition.refresh_from_db()
    assert petition.state == (after if before in from_states else before)


def test_opening_sets_the_instant() -> None:
    petition = editing.open_petition(petition_id=in_state(DRAFT).pk, now=NOW)

    assert petition.opens_at == NOW


@pytest.mark.parametrize("step", ["open", "schedule"])
def test_nothing_opens_without_a_text_in_its_main_language(step: str) -> None:
    petition = in_state(DRAFT, languages=("fr",), default_language="en")
    action, arguments, _after, _from_states = STEPS[step]

    with pytest.raises(editing.TextMissing):
        action(petition_id=petition.pk, now=NOW, **arguments)


def test_nothing_opens_after_its_closing() -> None:
    petition = in_state(DRAFT, closes_at=NOW)

    with pytest.raises(editing.ImpossibleTime):
        editing.open_petition(petition_id=petition.pk, now=NOW)


@pytest.mark.parametrize("opens_at", [NOW, NOW - timedelta(days=1), LATER])
def test_an_opening_lies_ahead_and_before_the_closing(opens_at: Any) -> None:
    petition = in_state(DRAFT, closes_at=LATER)

    with pytest.raises(editing.ImpossibleTime):
        editing.schedule_petition(petition_id=petition.pk, opens_at=opens_at, now=NOW)


def test_a_pause_says_why_and_resuming_forgets_it() -> None:
    petition = in_state(OPEN)

    assert editing.pause_petition(petition_id=petition.pk, reason="We check.", now=NOW).pause_reason == "We check."
    assert editing.resume_petition(petition_id=petition.pk, now=NOW).pause_reason == ""


@pytest.mark.parametrize("closes_at", [None, LATER])
def test_closing_by_hand_is_closing_now(closes_at: Any) -> None:
    petition = in_state(OPEN, closes_at=closes_at)

    assert editing.close_petition(petition_id=petition.pk, now=NOW).closes_at == NOW


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pause_at_once_one_is_told() -> None:
    petition = in_state(OPEN)

    def pause() -> Petition:
        return editing.pause_petition(petition_id=petition.pk, reason="We check.", now=NOW)

    outcomes = run_in_parallel(pause, times=4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IllegalTransition"] * 3 + ["Petition"]
    assert verbs() == ["petition.paused"]


# --- By the clock ---------------------------------------------------------------------------------------------------
def test_petitions_open_and_close_at_their_instants() -> None:
    due = in_state(SCHEDULED, opens_at=NOW)
    early = in_state(SCHEDULED, opens_at=SOON)
    ended = in_state(PAUSED, closes_at=NOW)
    running = in_state(OPEN, closes_at=SOON)

    moved = editing.open_due_petitions(now=NOW), editing.close_due_petitions(now=NOW)

    assert moved == (1, 1)
    states = dict(Petition.objects.values_list("pk", "state"))
    assert states == {due.pk: OPEN, early.pk: SCHEDULED, ended.pk: CLOSED, running.pk: OPEN}
    assert verbs() == ["petition.opened", "petition.closed"]
    due.refresh_from_db()
    assert due.opens_at == NOW


def test_the_clock_moves_nothing_twice() -> None:
    in_state(SCHEDULED, opens_at=NOW)
    editing.open_due_petitions(now=NOW)

    assert editing.open_due_petitions(now=SOON) == 0


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_move_a_petition_once() -> None:
    in_state(SCHEDULED, opens_at=NOW)

    outcomes = run_in_parallel(lambda: editing.open_due_petitions(now=SOON), times=4)

    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == 1
    assert verbs() == ["petition.opened"]
