"""What the database itself refuses, whoever writes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.models import CampaignText, Event, EventDate, EventSource, ReportedFigure, ReportedSeries
from tests.campaigns.making import make_campaign, make_event
from tests.factories import NOW
from tests.parallel import run_all_in_parallel

AT = datetime(2025, 8, 7, tzinfo=UTC)


@pytest.mark.django_db
def test_a_public_event_without_a_source_is_refused_at_commit() -> None:
    make_event(sources=())

    with pytest.raises(IntegrityError, match="public without a source"), transaction.atomic():
        connection.check_constraints()
    Event.objects.update(published=False)


@pytest.mark.django_db
def test_the_last_source_of_a_public_event_cannot_be_taken_away() -> None:
    make_event().sources.all().delete()

    with pytest.raises(IntegrityError, match="public without a source"), transaction.atomic():
        connection.check_constraints()
    Event.objects.update(published=False)


@pytest.mark.django_db
def test_the_last_source_can_be_replaced_in_one_transaction() -> None:
    event = make_event()

    event.sources.all().delete()
    EventSource.objects.create(event=event, type="press", name="Another newspaper")
    connection.check_constraints()

    assert event.sources.get().name == "Another newspaper"


@pytest.mark.django_db
def test_an_event_that_is_not_public_needs_no_source_and_a_public_one_can_be_deleted() -> None:
    make_event(sources=(), published=False)
    make_event().delete()

    connection.check_constraints()

    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_while_the_last_source_is_removed_never_leaves_a_public_event_without_one() -> None:
    event = make_event(published=False)

    def publish() -> None:
        with transaction.atomic():
            Event.objects.filter(pk=event.pk).update(published=True)

    def remove() -> None:
        with transaction.atomic():
            EventSource.objects.filter(event=event).delete()

    for _round in range(5):
        outcomes = run_all_in_parallel([publish, remove])

        assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)
        event.refresh_from_db()
        assert event.sources.exists() or not event.published
        Event.objects.filter(pk=event.pk).update(published=False)
        EventSource.objects.get_or_create(
            event=event, type="press", name="A newspaper", url="https://example.org/story"
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("event_kind_known", {"kind": "party"}),
        ("event_precision_known", {"precision": "eon"}),
        ("event_until_after_start", {"until": AT - timedelta(days=1)}),
    ],
)
def test_an_event_of_no_sense_is_refused(constraint: str, fields: dict[str, object]) -> None:
    event = make_event(at=AT)

    with pytest.raises(IntegrityError, match=constraint):
        Event.objects.filter(pk=event.pk).update(**fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("event_source_url_is_of_the_web", {"url": "javascript:alert(1)"}),
        ("event_source_has_name", {"name": ""}),
        ("event_source_type_known", {"type": "rumour"}),
    ],
)
def test_a_source_that_cannot_be_shown_is_refused(constraint: str, fields: dict[str, str]) -> None:
    event = make_event()

    with pytest.raises(IntegrityError, match=constraint):
        EventSource.objects.filter(event=event).update(**fields)


@pytest.mark.django_db
def test_names_are_taken_once() -> None:
    event = make_event(key="launch")

    with pytest.raises(IntegrityError, match="event_unique_key"), transaction.atomic():
        make_event(campaign=event.campaign, key="launch")
    with pytest.raises(IntegrityError, match="campaign_unique_slug"), transaction.atomic():
        make_campaign(slug=event.campaign.slug)
    with pytest.raises(IntegrityError, match="campaign_text_unique_language"), transaction.atomic():
        CampaignText.objects.create(campaign=event.campaign, language="en", title="Again")
    with pytest.raises(IntegrityError, match="event_date_has_source"), transaction.atomic():
        EventDate.objects.create(event=event, at=AT, source="")


@pytest.mark.django_db
def test_a_reported_figure_names_its_source() -> None:
    series = ReportedSeries.objects.create(campaign=make_campaign(), key="elsewhere")

    with pytest.raises(IntegrityError, match="reported_figure_has_source"), transaction.atomic():
        ReportedFigure.objects.create(series=series, reported_on=NOW.date(), value=1, source="")
    with pytest.raises(IntegrityError, match="reported_figure_not_negative"), transaction.atomic():
        ReportedFigure.objects.create(series=series, reported_on=NOW.date(), value=-1, source="A newspaper")
