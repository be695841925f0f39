"""Loads a whole chronology from data of the shape of campaigns/data/keep4o_events.json."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Team
from campaigns.actions.errors import UnreadableChronology
from campaigns.actions.events import add_event, publish_event, revise_event
from campaigns.models import (
    Campaign,
    CampaignState,
    CampaignText,
    EventKind,
    Qualifier,
    ReportedFigure,
    ReportedSeries,
    ReportedSeriesText,
    SourceType,
)
from campaigns.rules.drafts import DateDraft, EventDraft, SourceDraft
from campaigns.rules.moments import Precision, parse_moment
from petitions.models import Petition

Data = Mapping[str, Any]
_DEFAULT_LANGUAGE = "en"


@transaction.atomic
def load_chronology(*, data: Data, team: Team, petitions: Collection[Petition], now: datetime) -> Campaign:
    """
    This function will make a public campaign say what the data says; loading the same data again changes nothing.

    Args:    data: {"campaign": {slug, title, timezone, hashtags, summary?, body?}, "events": [{id, at, precision, kind,
             title, sources, until?, alternatives?}], "reported_figures"?: [{series, unit, points, key?}]}. Texts are
             {language: text}. What an alternative's precision does not say is its event's.
    Returns: the campaign. Events that the data does not name are left alone.
    Raises:  UnreadableChronology, naming the place, if the data is not of this shape; nothing is written then.
    Writes:  Campaign with texts, events (published where they have a source) and reported series.
    """
    try:
        campaign = _load_campaign(data["campaign"], team=team, petitions=petitions, now=now)
        for event in data["events"]:
            _load_event(event, campaign=campaign, now=now)
        for series in data.get("reported_figures", []):
            _load_series(series, campaign=campaign)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableChronology(f"a part is missing or of the wrong kind: {error}") from error
    return campaign


def _load_campaign(data: Data, *, team: Team, petitions: Collection[Petition], now: datetime) -> Campaign:
    campaign, _created = Campaign.objects.update_or_create(
        slug=data["slug"],
        defaults={"team": team, "timezone": data["timezone"], "hashtags": data["hashtags"]},
        create_defaults={
            "team": team,
            "timezone": data["timezone"],
            "hashtags": data["hashtags"],
            "state": CampaignState.PUBLIC,
            "created_at": now,
        },
    )
    campaign.petitions.set(petitions)
    for language, title in data["title"].items():
        parts = {part: data.get(part, {}).get(language, "") for part in ("summary", "body")}
        CampaignText.objects.update_or_create(campaign=campaign, language=language, defaults={"title": title, **parts})
    return campaign


def _load_event(data: Data, *, campaign: Campaign, now: datetime) -> None:
    draft = _event_draft(data)
    known = campaign.events.filter(key=draft.key).first()
    if known:
        revise_event(event_id=known.pk, draft=draft, now=now)
        return
    event = add_event(campaign=campaign, draft=draft, now=now)
    if draft.sources:
        publish_event(event_id=event.pk, now=now)


def _event_draft(data: Data) -> EventDraft:
    key = data["id"]
    try:
        precision = Precision(data["precision"])
        until = parse_moment(text=data["until"], precision=precision).at if "until" in data else None
        return EventDraft(
            key=key,
            kind=EventKind(data["kind"]).value,
            moment=parse_moment(text=data["at"], precision=precision),
            until=until,
            titles=data["title"],
            sources=[_source_draft(source) for source in data["sources"]],
            competing_dates=[_date_draft(other, precision) for other in data.get("alternatives", [])],
        )
    except ValueError as error:
        raise UnreadableChronology(f"event {key}: {error}") from error


def _source_draft(data: Data) -> SourceDraft:
    return SourceDraft(type=SourceType(data["type"]).value, name=data["name"], url=data.get("url", ""))


def _date_draft(data: Data, precision: Precision) -> DateDraft:
    precision = Precision(data.get("precision", precision))
    return DateDraft(moment=parse_moment(text=data["at"], precision=precision), source=data["source"])


def _load_series(data: Data, *, campaign: Campaign) -> None:
    names, units = (_by_language(data[part]) for part in ("series", "unit"))
    key = data.get("key") or slugify(names[_DEFAULT_LANGUAGE])
    series, _created = ReportedSeries.objects.get_or_create(campaign=campaign, key=key)
    for language, name in names.items():
        unit = units.get(language, units[_DEFAULT_LANGUAGE])
        ReportedSeriesText.objects.update_or_create(
            series=series, language=language, defaults={"name": name, "unit": unit}
        )
    for point in data["points"]:
        _load_figure(point, series=series)


def _load_figure(data: Data, *, series: ReportedSeries) -> None:
    try:
        reported_on = date.fromisoformat(data["at"])
        qualifier = Qualifier(data.get("qualifier", "")).value
    except ValueError as error:
        raise UnreadableChronology(f"figure of {series.key}: {error}") from error
    ReportedFigure.objects.update_or_create(
        series=series,
        reported_on=reported_on,
        source=data["source"],
        defaults={"value": data["value"], "qualifier": qualifier, "url": data.get("url", "")},
    )


def _by_language(text: str | Mapping[str, str]) -> Mapping[str, str]:
    return {_DEFAULT_LANGUAGE: text} if isinstance(text, str) else text
