"""What an author is told about their own story: the truth about the queue, from the queue itself."""

import math
import statistics
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from testimonials.models import Consent, Decision, Status, Testimonial, TestimonialEvent
from testimonials.rules.stories import MIN_DECISIONS_FOR_ESTIMATE

_DECISIONS_MEASURED = 50
_HOUR_S = 3600


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """Where a pending story stands: how many are decided before it, and how long the last ones took, if known."""

    ahead: int
    median_hours: int | None


def author_story(*, testimonial_id: uuid.UUID) -> Testimonial:
    """This function will load a story as its author sees it; raises Testimonial.DoesNotExist."""
    stories = Testimonial.objects.select_related("campaign", "current_revision")
    return stories.prefetch_related("consents").get(pk=testimonial_id)


def active_consents(*, testimonial: Testimonial) -> list[Consent]:
    """This function will list what the author still agrees to, in the order in which they were asked."""
    return [consent for consent in testimonial.consents.order_by("id") if consent.withdrawn_at is None]


def prospect_of(*, testimonial: Testimonial) -> Prospect | None:
    """This function will tell the author of a pending story where it stands, and nothing about any other story."""
    if testimonial.status != Status.PENDING:
        return None
    before = Q(due_at__lt=testimonial.due_at) | Q(due_at=testimonial.due_at, id__lt=testimonial.pk)
    queue = Testimonial.objects.awaiting_decision().filter(campaign__team_id=testimonial.campaign.team_id)
    return Prospect(ahead=queue.filter(before).count(), median_hours=_median_hours(testimonial=testimonial))


def last_decision(*, testimonial: Testimonial) -> Decision | None:
    """This function will find the latest decision on a story, its reason loaded."""
    decisions = Decision.objects.filter(testimonial=testimonial).select_related("reason")
    return decisions.order_by("-decided_at", "-id").first()


def _median_hours(*, testimonial: Testimonial) -> int | None:
    decisions = Decision.objects.filter(testimonial__campaign__team_id=testimonial.campaign.team_id)
    newest = decisions.order_by("-decided_at", "-id").values_list(F("decided_at") - F("testimonial__confirmed_at"))
    waits = [wait.total_seconds() for (wait,) in newest[:_DECISIONS_MEASURED]]
    if len(waits) < MIN_DECISIONS_FOR_ESTIMATE:
        return None
    median_s: float = statistics.median(waits)
    return max(1, math.ceil(median_s / _HOUR_S))


def story_as_data(*, testimonial: Testimonial) -> dict[str, Any]:
    """
    This function will collect everything that is kept about a story, for its author to take away.

    The address is left out: no page or export of this site shows one, and the author's link came to it.
    """
    return {
        "id": str(testimonial.pk),
        "campaign": testimonial.campaign.slug,
        "status": testimonial.status,
        "language": testimonial.language,
        "display_name": testimonial.display_name or None,
        "content_labels": testimonial.content_labels,
        "text": testimonial.current_revision.body,
        "submitted_at": testimonial.submitted_at,
        "confirmed_at": testimonial.confirmed_at,
        "published_at": testimonial.publish_at,
        "adult_declared_at": testimonial.adult_declared_at,
        "consents": [_consent_as_data(consent) for consent in testimonial.consents.order_by("id")],
        "decisions": list(
            Decision.objects.filter(testimonial=testimonial)
            .order_by("decided_at", "id")
            .values("action", "reason", "message", "decided_at")
        ),
        "history": list(
            TestimonialEvent.objects.filter(testimonial_id=testimonial.pk)
            .order_by("number")
            .values("verb", "actor", "at", "from_status", "to_status")
        ),
    }


def _consent_as_data(consent: Consent) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "text_version": consent.text_version,
        "wording": consent.wording,
        "given_at": consent.given_at,
        "withdrawn_at": consent.withdrawn_at,
    }
