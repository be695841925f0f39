"""Adding, correcting, publishing and taking back an event."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.actions.errors import EventKeyTaken, EventNeedsSource
from campaigns.actions.events import add_event, publish_event, revise_event, unpublish_event
from campaigns.models import Event
from campaigns.rules.drafts import DateDraft, EventDraft, SourceDraft
from campaigns.rules.moments import read_moment
from tests.campaigns.making import make_campaign, make_event
from tests.factories import NOW
from tests.parallel import results_of, run_in_parallel

LATER = NOW + timedelta(hours=1)
DRAFT = EventDraft(
    key="launch",
    kind="launch",
    moment=read_moment("2025-08-07"),
    titles={"en": "It is launched", "fr": "C'est lancé"},
    sources=[SourceDraft(type="press", name="A newspaper", url="https://example.org/")],
    competing_dates=[DateDraft(moment=read_moment("2025-08-06"), source="Another newspaper")],
)


@pytest.mark.django_db
def test_an_added_event_holds_all_of_its_draft_and_is_not_public() -> None:
    event = add_event(campaign=make_campaign(), draft=DRAFT, now=NOW)

    assert not event.published
    assert dict(event.texts.values_list("language", "title")) == DRAFT.titles
    assert event.sources.get().url == "https://example.org/"
    assert event.competing_dates.get().source == "Another newspaper"


@pytest.mark.django_db
def test_a_taken_key_is_refused_and_nothing_is_written() -> None:
    campaign = make_campaign()
    add_event(campaign=campaign, draft=DRAFT, now=NOW)

    with pytest.raises(EventKeyTaken):
        add_event(campaign=campaign, draft=replace(DRAFT, kind="removal"), now=LATER)

    assert campaign.events.get().kind == "launch"


@pytest.mark.django_db(transaction=True)
def test_adding_the_same_event_twice_at_once_keeps_one() -> None:
    campaign = make_campaign()

    outcomes = run_in_parallel(lambda: add_event(campaign=campaign, draft=DRAFT, now=NOW), times=5)

    assert sum(isinstance(outcome, EventKeyTaken) for outcome in outcomes) == 4
    assert campaign.events.get().sources.count() == 1


@pytest.mark.django_db
def test_a_revised_event_reads_as_the_draft_says_but_keeps_its_key() -> None:
    event = add_event(campaign=make_campaign(), draft=DRAFT, now=NOW)
    draft = EventDraft(
        key="other",
        kind="removal",
        moment=read_moment("2025-08-08 22:58"),
        titles={"en": "It is removed"},
        sources=[SourceDraft(type="academic", name="A study"), SourceDraft(type="press", name="A newspaper")],
    )

    revise_event(event_id=event.pk, draft=draft, now=LATER)

    event.refresh_from_db()
    assert (event.key, event.kind, event.precision, event.updated_at) == ("launch", "removal", "minute", LATER)
    assert [text.title for text in event.texts.all()] == ["It is removed"]
    assert list(event.sources.order_by("id").values_list("name", flat=True)) == ["A study", "A newspaper"]
    assert not event.competing_dates.exists()


@pytest.mark.django_db
def test_revising_to_what_it_says_already_changes_nothing() -> None:
    event = add_event(campaign=make_campaign(), draft=DRAFT, now=NOW)

    revise_event(event_id=event.pk, draft=DRAFT, now=LATER)

    event.refresh_from_db()
    assert event.updated_at == NOW


@pytest.mark.django_db
def test_a_public_event_cannot_lose_its_sources_by_a_revision() -> None:
    event = make_event()

    with pytest.raises(EventNeedsSource):
        revise_event(event_id=event.pk, draft=replace(DRAFT, sources=[]), now=LATER)

    assert event.sources.count() == 1


@pytest.mark.django_db
def test_an_event_without_a_source_cannot_be_published() -> None:
    event = make_event(sources=(), published=False)

    with pytest.raises(EventNeedsSource):
        publish_event(event_id=event.pk, now=LATER)

    event.refresh_from_db()
    assert not event.published


@pytest.mark.django_db
def test_publishing_and_taking_back_twice_changes_once() -> None:
    event = make_event(published=False)

    publish_event(event_id=event.pk, now=LATER)
    publish_event(event_id=event.pk, now=LATER + timedelta(hours=1))
    assert Event.objects.get(pk=event.pk).updated_at == LATER

    unpublish_event(event_id=event.pk, now=LATER + timedelta(hours=2))
    unpublish_event(event_id=event.pk, now=LATER + timedelta(hours=3))
    event.refresh_from_db()
    assert (event.published, event.updated_at) == (False, LATER + timedelta(hours=2))


@pytest.mark.django_db(transaction=True)
def test_two_organisers_who_revise_at_once_leave_one_whole_draft() -> None:
    event = add_event(campaign=make_campaign(), draft=DRAFT, now=NOW)
    sources = [SourceDraft(type="press", name="A newspaper"), SourceDraft(type="press", name="A second one")]
    draft = replace(DRAFT, sources=sources)

    results_of(run_in_parallel(lambda: revise_event(event_id=event.pk, draft=draft, now=LATER), times=6))

    assert event.sources.count() == 2
