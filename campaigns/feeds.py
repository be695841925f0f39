"""What happened, as Atom (RFC 4287): events and milestones, the latest first."""

from datetime import datetime
from itertools import chain
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from accounts.answers import public_page
from campaigns.models import Campaign
from campaigns.queries.texts import best_text
from campaigns.queries.timeline import Timeline, public_petitions, timeline_of

MOST_ENTRIES = 100
_TAG_YEAR = "2026"  # RFC 4151: a date at which the site's name was ours; it must never change


@public_page(keep_s=60, stale_s=300)
def campaign_feed(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = Campaign.objects.public().filter(slug=slug).first()
    if campaign is None:
        raise Http404
    language = get_language() or "en"
    petitions = public_petitions(campaign=campaign, language=language)
    tz = ZoneInfo(campaign.timezone)
    timeline = timeline_of(campaign=campaign, petitions=petitions, tz=tz, language=language)
    text = best_text(campaign.texts.all(), language)
    context = {
        "campaign": campaign,
        "title": text.title if text else campaign.slug,
        "summary": text.summary if text else "",
        "entries": timeline.entries[::-1][:MOST_ENTRIES],
        "tz": tz,
        "updated_at": _updated_at(campaign, timeline),
        "page_url": f"{settings.SITE_URL}{reverse('campaigns:campaign', args=[slug])}",
        "feed_url": f"{settings.SITE_URL}{request.path}",
        "tag": f"tag:{urlsplit(settings.SITE_URL).hostname},{_TAG_YEAR}:{language}/campaigns/{slug}",
    }
    return render(request, "campaigns/feed.atom", context, content_type="application/atom+xml; charset=utf-8")


def _updated_at(campaign: Campaign, timeline: Timeline) -> datetime:
    changes = chain(
        (event.updated_at for event in timeline.events), (milestone.reached_at for milestone in timeline.milestones)
    )
    return max(changes, default=campaign.created_at)
