"""The campaign that a story belongs to, as far as a story's pages and mails need it."""

from campaigns.models import Campaign
from campaigns.queries.texts import best_text


def public_campaign(*, slug: str) -> Campaign:
    """This function will load a campaign whose pages are public; raises Campaign.DoesNotExist."""
    return Campaign.objects.public().get(slug=slug)


def campaign_title(*, campaign: Campaign, language: str) -> str:
    """This function will name a campaign in a language, or in another one rather than not at all."""
    text = best_text(campaign.texts.all(), language)
    return campaign.slug if text is None else text.title
