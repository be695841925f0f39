"""Campaigns for lists and links."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Team
from campaigns.models import Campaign, Event
from campaigns.queries.texts import best_text

MOST_LISTED = 100


@dataclass(frozen=True, kw_only=True)
class CampaignCard:
    """A campaign as a list shows it. `language` is that of the words, where they are not in the reader's own."""

    slug: str
    title: str
    summary: str
    language: str


def public_campaign_cards(*, language: str) -> list[CampaignCard]:
    """This function will list the public campaigns, the newest first, at most 100."""
    return _cards(Campaign.objects.public(), language)


def campaigns_of_petition(*, petition_id: int, language: str) -> list[CampaignCard]:
    """This function will list the public campaigns that a petition belongs to, the newest first."""
    return _cards(Campaign.objects.public().filter(petitions=petition_id), language)


def team_campaigns(*, teams: QuerySet[Team]) -> QuerySet[Campaign]:
    """This function will find every campaign of some teams, drafts included."""
    return Campaign.objects.filter(team__in=teams).order_by("slug")


def cards_of_teams(*, teams: QuerySet[Team], language: str) -> list[CampaignCard]:
    """This function will list every campaign of some teams, the newest first."""
    return _cards(team_campaigns(teams=teams), language)


def events_for_editors(*, campaign: Campaign) -> list[Event]:
    """This function will list every event of a campaign in order of time, its parts loaded."""
    events = campaign.events.prefetch_related("texts", "sources", "competing_dates")
    return list(events.order_by("occurs_at", "id"))


def editable_event(*, campaign: Campaign, key: str) -> Event | None:
    """This function will find an event of the campaign with its parts loaded."""
    return campaign.events.prefetch_related("texts", "sources", "competing_dates").filter(key=key).first()


def _cards(campaigns: QuerySet[Campaign], language: str) -> list[CampaignCard]:
    found = campaigns.prefetch_related("texts").order_by("-created_at", "-id")[:MOST_LISTED]
    return [_card(campaign, language) for campaign in found]


def _card(campaign: Campaign, language: str) -> CampaignCard:
    text = best_text(campaign.texts.all(), language)
    if text is None:
        return CampaignCard(slug=campaign.slug, title=campaign.slug, summary="", language=language)
    return CampaignCard(slug=campaign.slug, title=text.title, summary=text.summary, language=text.language)
