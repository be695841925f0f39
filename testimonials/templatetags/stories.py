"""Stories on other apps' pages: `{% load stories %}{% campaign_stories campaign 3 %}`."""

from typing import Any

from django import template
from django.utils import timezone

from campaigns.models import Campaign
from testimonials.queries.public import latest_stories

register = template.Library()


@register.inclusion_tag("testimonials/_campaign_stories.html")
def campaign_stories(campaign: Campaign, limit: int = 3) -> dict[str, Any]:
    """This function will show the newest public stories of a campaign, `limit` at most, and the way to all of them."""
    return {"campaign": campaign, "stories": latest_stories(campaign=campaign, limit=limit, now=timezone.now())}
