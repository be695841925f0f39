"""The rules of stories, without a database."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from testimonials.rules import consents, event_log, stories
from testimonials.rules.pseudonyms import random_pseudonym

FACTS = event_log.EntryFacts(
    testimonial_id="0b0b0b0b-0000-4000-8000-000000000000",
    number=2,
    verb="approved",
    actor="moderator",
    actor_pseudonym="Salix 123",
    from_status="pending",
    to_status="published",
    version=3,
    revision_id="0c0c0c0c-0000-4000-8000-000000000000",
    reason_code="",
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
)


def test_the_clock_of_a_decision_starts_when_a_moderator_could_first_look() -> None:
    confirmed_at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    assert stories.decision_due_at(confirmed_at=confirmed_at) == confirmed_at + timedelta(hours=72)


@pytest.mark.parametrize(
    "change",
    [
        {"testimonial_id": "0b0b0b0b-0000-4000-8000-000000000001"},
        {"number": 3},
        {"verb": "declined"},
        {"actor": "author"},
        {"actor_pseudonym": "Salix 124"},
        {"from_status": "unverified"},
        {"to_status": "declined"},
        {"version": 4},
        {"revision_id": "0c0c0c0c-0000-4000-8000-000000000001"},
        {"reason_code": "other"},
        {"at": datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_seal_of_an_entry_covers_every_fact(change: dict[str, object]) -> None:
    sealed = event_log.entry_hash(facts=FACTS, prev_hash=event_log.NO_ENTRY_BEFORE)

    assert event_log.entry_hash(facts=replace(FACTS, **change), prev_hash=event_log.NO_ENTRY_BEFORE) != sealed  # type: ignore[arg-type]


def test_the_seal_of_an_entry_covers_the_entry_before_it() -> None:
    sealed = event_log.entry_hash(facts=FACTS, prev_hash=event_log.NO_ENTRY_BEFORE)

    assert event_log.entry_hash(facts=FACTS, prev_hash=bytes([1] * 32)) != sealed


def test_an_instant_is_sealed_the_same_in_every_time_zone() -> None:
    elsewhere = replace(FACTS, at=FACTS.at.astimezone())

    assert event_log.entry_hash(facts=elsewhere, prev_hash=b"") == event_log.entry_hash(facts=FACTS, prev_hash=b"")


@pytest.mark.parametrize("purpose", consents.PURPOSES)
def test_every_consent_has_its_own_wording_in_every_language(purpose: str) -> None:
    wordings = {consents.consent_wording(purpose=purpose, language=language) for language in stories.LANGUAGES}

    assert len(wordings) == len(stories.LANGUAGES)


def test_a_consent_without_translation_is_asked_for_in_english() -> None:
    english = consents.consent_wording(purpose=consents.PUBLISH, language="en")

    assert consents.consent_wording(purpose=consents.PUBLISH, language="eo") == english


def test_a_pseudonym_is_a_tree_and_a_number() -> None:
    name, number = random_pseudonym(chance=random.Random(1)).split()

    assert name.istitle()
    assert 100 <= int(number) <= 999
