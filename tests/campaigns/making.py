"""Campaigns, events and days with signatures for the tests of this folder."""

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from accounts.models import Team
from campaigns.models import (
    Campaign,
    CampaignState,
    CampaignText,
    Event,
    EventDate,
    EventKind,
    EventSource,
    EventText,
    Precision,
    SourceType,
)
from petitions.models import Milestone, Petition, Tally, TallyBucket
from tests.factories import NOW, make_petition, make_team

DEMO_FILE = Path(__file__).parents[2] / "campaigns/data/keep4o_events.json"
_numbers = itertools.count(1)


def demo_data() -> dict[str, Any]:
    return dict(json.loads(DEMO_FILE.read_text(encoding="utf-8")))


def make_campaign(
    *,
    team: Team | None = None,
    slug: str | None = None,
    is_public: bool = True,
    petitions: tuple[Petition, ...] = (),
    timezone: str = "UTC",
) -> Campaign:
    """A public campaign with a text in both languages."""
    campaign = Campaign.objects.create(
        team=team or make_team(),
        slug=slug or f"campaign-{next(_numbers)}",
        state=CampaignState.PUBLIC if is_public else CampaignState.DRAFT,
        timezone=timezone,
        hashtags=["keep4o"],
        created_at=NOW,
    )
    campaign.petitions.set(petitions)
    for language, title in (("en", "The movement"), ("fr", "Le mouvement")):
        CampaignText.objects.create(
            campaign=campaign, language=language, title=title, summary=f"About it ({language})."
        )
    return campaign


def make_event(
    *,
    campaign: Campaign | None = None,
    key: str | None = None,
    at: datetime = datetime(2025, 8, 7, tzinfo=UTC),
    precision: Precision = Precision.DAY,
    until: datetime | None = None,
    title: str = "It happens",
    titles: Mapping[str, str] | None = None,
    sources: tuple[tuple[str, str], ...] = (("A newspaper", "https://example.org/story"),),
    competing: tuple[tuple[datetime, str], ...] = (),
    published: bool = True,
) -> Event:
    event = Event.objects.create(
        campaign=campaign or make_campaign(),
        key=key or f"event-{next(_numbers)}",
        kind=EventKind.LAUNCH,
        occurs_at=at,
        precision=precision,
        until=until,
        published=published,
        created_at=NOW,
        updated_at=NOW,
    )
    for language, text in (titles or {"en": title, "fr": f"{title} (fr)"}).items():
        EventText.objects.create(event=event, language=language, title=text)
    for name, url in sources:
        EventSource.objects.create(event=event, type=SourceType.PRESS, name=name, url=url)
    for other, source in competing:
        EventDate.objects.create(event=event, at=other, source=source)
    return event


def make_signed_petition(
    days: Mapping[date, int], *, slug: str = "keep-it", milestones: tuple[int, ...] = ()
) -> Petition:
    """A petition whose folded count has so many signatures at noon UTC of each day."""
    petition = make_petition(slug=slug)
    for day, n in days.items():
        at = datetime.combine(day, time(12), tzinfo=UTC)
        TallyBucket.objects.create(petition=petition, starts_at=at, country="FR", channel="web", n=n)
    Tally.objects.update_or_create(petition=petition, defaults={"total": sum(days.values()), "as_of": NOW})
    for threshold in milestones:
        at = datetime.combine(min(days), time(12, 5), tzinfo=UTC)
        Milestone.objects.create(petition=petition, threshold=threshold, reached_at=at)
    return petition
