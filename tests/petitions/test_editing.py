"""What organisers do to a petition, each step with what it refuses, repeated, and twice at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import AuditEntry, Team, User
from petitions.actions import editing
from petitions.models import Petition, PetitionState, PetitionText, Signature
from petitions.rules.ladder import DEFAULT_LADDER
from tests.factories import NOW, make_petition, make_signature, make_team
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


# --- Founding -------------------------------------------------------------------------------------------------------
def found(team: Team, **changes: Any) -> Petition:
    fields = {"slug": "keep", "addressee": "OpenAI", "default_language": "fr", "timezone": "Europe/Paris"}
    return editing.create_petition(team=team, **{**fields, "now": NOW, **changes})


def test_a_founded_petition_is_a_draft_that_nobody_sees(team: Team, bob: User) -> None:
    petition = found(team, actor=bob)

    assert (petition.state, petition.opens_at, petition.ladder) == (DRAFT, None, list(DEFAULT_LADDER))
    assert not Petition.objects.published().exists()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.subject, entry.at) == (bob, "petition.created", "keep", NOW)


def test_an_address_is_given_once(team: Team) -> None:
    found(team)

    with pytest.raises(editing.SlugTaken):
        found(make_team())

    assert Petition.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_address_is_given_once_to_two_at_once() -> None:
    team = make_team()

    outcomes = run_in_parallel(lambda: found(team), times=4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Petition"] + ["SlugTaken"] * 3
    assert verbs() == ["petition.created"]


# --- Words ----------------------------------------------------------------------------------------------------------
def publish(petition: Petition, *, seen_version: int, title: str = "Keep it") -> PetitionText:
    return editing.publish_text(
        petition_id=petition.pk,
        language="en",
        title=title,
        summary="Sum",
        body="Body",
        seen_version=seen_version,
        now=NOW,
    )


def test_each_publishing_makes_the_next_version_and_keeps_the_last() -> None:
    petition = make_petition(languages=())

    publish(petition, seen_version=0, title="One")
    publish(petition, seen_version=1, title="Two")

    texts = PetitionText.objects.order_by("version").values_list("version", "title")
    assert list(texts) == [(1, "One"), (2, "Two")]
    assert verbs() == ["petition.text-published"] * 2


def test_publishing_over_an_unseen_version_is_refused() -> None:
    petition = make_petition(languages=("en",))

    with pytest.raises(editing.StaleText):
        publish(petition, seen_version=0)

    assert PetitionText.objects.count() == 1


def test_publishing_the_same_words_again_writes_nothing() -> None:
    petition = make_petition(languages=())
    first = publish(petition, seen_version=0)

    again = publish(petition, seen_version=1)

    assert again == first
    assert PetitionText.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told() -> None:
    petition = make_petition(languages=("en",))

    outcomes = run_in_parallel(lambda: publish(petition, seen_version=1), times=4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PetitionText"] + ["StaleText"] * 3
    assert PetitionText.objects.count() == 2


# --- Closing date ---------------------------------------------------------------------------------------------------
def test_the_closing_can_be_set_moved_and_taken_away() -> None:
    petition = in_state(OPEN)

    for closes_at in (LATER, SOON, None):
        changed = editing.change_closing(petition_id=petition.pk, closes_at=closes_at, now=NOW)
        assert changed.closes_at == closes_at


@pytest.mark.parametrize("closes_at", [NOW, NOW - timedelta(days=1)])
def test_a_closing_lies_ahead(closes_at: Any) -> None:
    with pytest.raises(editing.ImpossibleTime):
        editing.change_closing(petition_id=in_state(OPEN).pk, closes_at=closes_at, now=NOW)


def test_a_closing_comes_after_the_scheduled_opening() -> None:
    with pytest.raises(editing.ImpossibleTime):
        editing.change_closing(petition_id=in_state(SCHEDULED).pk, closes_at=SOON, now=NOW)


def test_a_closed_petition_keeps_its_closing() -> None:
    with pytest.raises(editing.IllegalTransition):
        editing.change_closing(petition_id=in_state(CLOSED).pk, closes_at=LATER, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_nobody_who_signs_waits_for_an_organiser() -> None:
    petition = make_petition()

    with transaction.atomic():
        editing.pause_petition(petition_id=petition.pk, reason="We check.", now=NOW)
        (signed,) = run_in_parallel(lambda: make_signature(petition=petition), times=1)

    assert isinstance(signed, Signature)
