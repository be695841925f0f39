"""What readers see. Every list and page starts from TestimonialQuerySet.public and nothing else."""

import uuid
from datetime import datetime

from campaigns.models import Campaign
from testimonials.models import Status, Testimonial, TestimonialQuerySet


def public_stories(*, campaign: Campaign, now: datetime, language: str = "") -> TestimonialQuerySet:
    """This function will find a campaign's public stories, newest first, in one language or (by default) in all."""
    stories = Testimonial.objects.public(now=now).filter(campaign=campaign).select_related("published_revision")
    if language:
        stories = stories.filter(language=language)
    return stories.order_by("-publish_at", "id")


def latest_stories(*, campaign: Campaign, limit: int, now: datetime) -> list[Testimonial]:
    """This function will list the newest public stories of a campaign, `limit` at most."""
    return list(public_stories(campaign=campaign, now=now)[:limit])


def public_story(*, campaign: Campaign, testimonial_id: uuid.UUID, now: datetime) -> Testimonial | None:
    """This function will find one public story of a campaign, or None."""
    return public_stories(campaign=campaign, now=now).filter(pk=testimonial_id).first()


def is_gone(*, campaign: Campaign, testimonial_id: uuid.UUID) -> bool:
    """This function will tell whether a story was taken back, so that its address answers 410 and is forgotten."""
    gone = Testimonial.objects.filter(status__in=[Status.WITHDRAWN, Status.ERASED])
    return gone.filter(campaign=campaign, pk=testimonial_id).exists()
