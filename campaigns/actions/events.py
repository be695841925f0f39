"""What organisers do to one event: add it, correct it, show it, take it back."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns.actions.errors import EventKeyTaken, EventNeedsSource
from campaigns.models import Campaign, Event, EventDate, EventSource, EventText
from campaigns.rules.drafts import EventDraft, SourceDraft


@transaction.atomic
def add_event(*, campaign: Campaign, draft: EventDraft, now: datetime) -> Event:
    """
    This function will add an event, not public yet, with its texts, sources and competing dates.

    Raises: EventKeyTaken if the campaign has one with this key.
    """
    try:
        with transaction.atomic():
            event = Event.objects.create(
                campaign=campaign,
                key=draft.key,
                kind=draft.kind,
                occurs_at=draft.moment.at,
                precision=draft.moment.precision.value,
                until=draft.until,
                created_at=now,
                updated_at=now,
            )
    except IntegrityError as error:
        raise EventKeyTaken(draft.key) from error
    _write_parts(event=event, draft=draft)
    return event


@transaction.atomic
def revise_event(*, event_id: int, draft: EventDraft, now: datetime) -> Event:
    """
    This function will bring an event to the draft; one that reads so already is left alone, its updated_at too.

    Args:   draft: its key is ignored, since links and feeds hold on to it.
    Raises: EventNeedsSource if a public event would be left without one.
    """
    event = Event.objects.select_for_update().get(pk=event_id)
    if event.published and not draft.sources:
        raise EventNeedsSource(event.key)
    facts = (draft.kind, draft.moment.at, draft.moment.precision.value, draft.until)
    changed = facts != (event.kind, event.occurs_at, event.precision, event.until)
    event.kind, event.occurs_at, event.precision, event.until = facts
    if _write_parts(event=event, draft=draft) or changed:
        event.updated_at = now
        event.save(update_fields=["kind", "occurs_at", "precision", "until", "updated_at"])
    return event


@transaction.atomic
def publish_event(*, event_id: int, now: datetime) -> Event:
    """
    This function will make an event public; doing so again changes nothing.

    Raises: EventNeedsSource if nobody is named who says that it happened.
    """
    event = Event.objects.select_for_update().get(pk=event_id)
    if not event.sources.exists():
        raise EventNeedsSource(event.key)
    return _set_published(event=event, published=True, now=now)


@transaction.atomic
def unpublish_event(*, event_id: int, now: datetime) -> Event:
    """This function will take an event off every public page; doing so again changes nothing."""
    event = Event.objects.select_for_update().get(pk=event_id)
    return _set_published(event=event, published=False, now=now)


def _set_published(*, event: Event, published: bool, now: datetime) -> Event:
    if event.published != published:
        event.published = published
        event.updated_at = now
        event.save(update_fields=["published", "updated_at"])
    return event


def _write_parts(*, event: Event, draft: EventDraft) -> bool:
    """This function will make texts, sources and dates equal to the draft's and tell whether anything differed."""
    return any(
        [_write_texts(event, draft.titles), _write_sources(event, draft.sources), _write_dates(event, draft)],
    )


def _write_texts(event: Event, titles: Mapping[str, str]) -> bool:
    known = dict(event.texts.values_list("language", "title"))
    wanted = {language: title for language, title in titles.items() if title}
    if known == wanted:
        return False
    event.texts.all().delete()
    EventText.objects.bulk_create(
        EventText(event=event, language=language, title=title) for language, title in wanted.items()
    )
    return True


def _write_sources(event: Event, drafts: Collection[SourceDraft]) -> bool:
    known = list(event.sources.order_by("id").values_list("type", "name", "url"))
    wanted = list({(draft.name, draft.url): (draft.type, draft.name, draft.url) for draft in drafts}.values())
    if known == wanted:
        return False
    event.sources.all().delete()
    EventSource.objects.bulk_create(
        EventSource(event=event, type=type_, name=name, url=url) for type_, name, url in wanted
    )
    return True


def _write_dates(event: Event, draft: EventDraft) -> bool:
    known = set(event.competing_dates.values_list("at", "precision", "source"))
    wanted = {(date.moment.at, date.moment.precision.value, date.source) for date in draft.competing_dates}
    if known == wanted:
        return False
    event.competing_dates.all().delete()
    EventDate.objects.bulk_create(
        EventDate(event=event, at=at, precision=precision, source=source) for at, precision, source in sorted(wanted)
    )
    return True
