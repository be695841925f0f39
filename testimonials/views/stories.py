"""What readers see: the list of a campaign's stories and each story at its own address."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.answers import public_page
from campaigns.models import Campaign
from testimonials.models import StoryLanguage
from testimonials.queries.campaigns import campaign_title, public_campaign
from testimonials.queries.public import is_gone, public_stories, public_story

STORIES_PER_PAGE = 10
# A withdrawn story must vanish at once: shared caches may answer a rush, but for one second only.
story_page = public_page(keep_s=1, stale_s=0, error_s=0)


def campaign_or_404(slug: str) -> Campaign:
    """This function will load a public campaign or answer 404."""
    try:
        return public_campaign(slug=slug)
    except Campaign.DoesNotExist as error:
        raise Http404("no such campaign") from error


def campaign_context(campaign: Campaign) -> dict[str, Any]:
    """This function will name the campaign to a page, in the page's language."""
    return {"campaign": campaign, "campaign_title": campaign_title(campaign=campaign, language=get_language() or "en")}


@story_page
def stories(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = campaign_or_404(slug)
    asked = request.GET.get("language", "")
    language = asked if asked in StoryLanguage.values else ""
    found = public_stories(campaign=campaign, language=language, now=timezone.now())
    page = Paginator(found, STORIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "language": language, "languages": StoryLanguage.choices}
    return render(request, "testimonials/stories.html", {**campaign_context(campaign), **context})


@story_page
def story(request: HttpRequest, slug: str, testimonial_id: uuid.UUID) -> HttpResponse:
    campaign = campaign_or_404(slug)
    found = public_story(campaign=campaign, testimonial_id=testimonial_id, now=timezone.now())
    if found is not None:
        return render(request, "testimonials/story.html", {**campaign_context(campaign), "story": found})
    if is_gone(campaign=campaign, testimonial_id=testimonial_id):
        return render(request, "testimonials/story_gone.html", campaign_context(campaign), status=410)
    raise Http404("no such story")
