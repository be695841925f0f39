"""The form for a new story, and what everybody sees once theirs is sent."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_http_methods

from accounts.answers import SeeOther, public_page, take_the_rest
from accounts.decorators import same_origin_required
from campaigns.models import Campaign
from testimonials.actions.submitting import submit_testimonial
from testimonials.forms import StoryForm
from testimonials.models.stories import label_names
from testimonials.queries.crisis import crisis_resources
from testimonials.rules.stories import DECISION_PERIOD, MAILS_PER_DAY, UNVERIFIED_LIFETIME, StoryDraft
from testimonials.views.stories import campaign_context, campaign_or_404

HONEYPOT = "website"


@same_origin_required
@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
@conditional_page  # inside gzip, whose random padding would give every answer another ETag
def new_story(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = campaign_or_404(slug)
    language = get_language() or "en"
    if request.method != "POST":
        response = _form_page(request, campaign, StoryForm(page_language=language))
        patch_cache_control(response, public=True, max_age=0, s_maxage=5, stale_while_revalidate=30, stale_if_error=600)
        return response
    try:
        form = StoryForm(request.POST, page_language=language)
    except RequestDataTooBig:
        take_the_rest(request)
        return _form_page(request, campaign, StoryForm(page_language=language), status=413)
    return _receive(request, campaign, form)


@public_page(keep_s=5)
def story_sent(request: HttpRequest, slug: str) -> HttpResponse:
    """One page for everybody: it tells nothing about an address, because it knows none."""
    context = {
        "crisis_resources": crisis_resources(language=get_language() or "en"),
        "lifetime_days": UNVERIFIED_LIFETIME.days,
        "mails_per_day": MAILS_PER_DAY,
    }
    return render(request, "testimonials/story_sent.html", {**campaign_context(campaign_or_404(slug)), **context})


def _receive(request: HttpRequest, campaign: Campaign, form: StoryForm) -> HttpResponse:
    sent = SeeOther(reverse("testimonials:story-sent", kwargs={"slug": campaign.slug}))
    if request.POST.get(HONEYPOT):
        return sent
    if not form.is_valid():
        return _form_page(request, campaign, form, status=422)
    if "preview" in request.POST:
        return _form_page(request, campaign, form, with_preview=True)
    submit_testimonial(
        campaign=campaign,
        draft=form.to_draft(),
        email=form.cleaned_data["email"],
        page_language=get_language() or "en",
        now=timezone.now(),
    )
    return sent


def _form_page(
    request: HttpRequest, campaign: Campaign, form: StoryForm, *, status: int = 200, with_preview: bool = False
) -> HttpResponse:
    context = {
        "form": form,
        "preview": _preview(form.to_draft()) if with_preview else None,
        "is_too_big": status == 413,
        "crisis_resources": crisis_resources(language=get_language() or "en"),
        "decision_hours": int(DECISION_PERIOD.total_seconds() // 3600),
    }
    response = render(request, "testimonials/new_story.html", {**campaign_context(campaign), **context}, status=status)
    if request.method == "POST":
        add_never_cache_headers(response)
    return response


def _preview(draft: StoryDraft) -> dict[str, Any]:
    """What templates/testimonials/_story.html reads of a story, of one that does not exist yet."""
    return {**vars(draft), "content_label_names": label_names(draft.content_labels)}
