"""What a moderator sees: the queue of their teams, one story whole, its history, and never an address."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from accounts.identity import identity_of
from accounts.models import User
from accounts.roles import MODERATE, teams_of
from testimonials.models import (
    AuthorContact,
    ReasonText,
    Testimonial,
    TestimonialEvent,
    TestimonialQuerySet,
)
from testimonials.models.stories import DIGEST_PURPOSE
from testimonials.queries.campaigns import campaign_title


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """How much waits, how much of it is late, and since when the oldest waits."""

    waiting: int
    overdue: int
    oldest_confirmed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """A story as the queue lists it: nothing of its text."""

    story: Testimonial
    campaign_title: str


def stories_of_moderator(*, user: User) -> TestimonialQuerySet:
    """This function will find every story of the teams for which the user moderates, whatever its state."""
    return Testimonial.objects.of_teams(teams_of(user=user, roles=MODERATE)).select_related("campaign")


def moderation_queue(*, user: User) -> TestimonialQuerySet:
    """This function will order what waits for a decision: what is due first comes first, so that nothing starves."""
    queue = stories_of_moderator(user=user).awaiting_decision().prefetch_related("campaign__texts")
    return queue.order_by("due_at", "id")


def queue_rows(*, stories: Iterable[Testimonial], language: str) -> list[QueueRow]:
    """This function will name each story's campaign; the stories come with their campaigns' texts."""
    return [
        QueueRow(story=story, campaign_title=campaign_title(campaign=story.campaign, language=language))
        for story in stories
    ]


def queue_figures(*, user: User, now: datetime) -> QueueFigures:
    """This function will count the queue for its headline."""
    waiting = stories_of_moderator(user=user).awaiting_decision()
    figures = waiting.aggregate(
        waiting=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)), oldest_confirmed_at=Min("confirmed_at")
    )
    return QueueFigures(**figures)


def moderated_story(*, user: User, testimonial_id: uuid.UUID) -> Testimonial:
    """This function will load one story for its moderator; raises Testimonial.DoesNotExist for another team's."""
    stories = stories_of_moderator(user=user).select_related("campaign", "current_revision", "published_revision")
    return stories.get(pk=testimonial_id)


def history_of(*, testimonial_id: uuid.UUID) -> list[TestimonialEvent]:
    """This function will list the steps of a story, first to last; moderators appear by pseudonym only."""
    return list(TestimonialEvent.objects.filter(testimonial_id=testimonial_id).order_by("number"))


def offered_reasons(*, language: str) -> list[ReasonText]:
    """This function will list the reasons that a moderator may choose from, in the language of their page."""
    reasons = ReasonText.objects.filter(reason__is_active=True, language=language).select_related("reason")
    return list(reasons.order_by("reason__position"))


def reason_text(*, code: str, language: str) -> ReasonText:
    """This function will find what an author reads about a reason."""
    return ReasonText.objects.get(reason_id=code, language=language)


def is_own_story(*, user: User, testimonial: Testimonial) -> bool:
    """This function will tell whether the story was sent from the user's own address; no address is opened for it."""
    identity = identity_of(address=user.email, purpose=DIGEST_PURPOSE)
    return AuthorContact.objects.filter(testimonial=testimonial, identity_digest__in=identity.digests).exists()


def author_language(*, testimonial: Testimonial) -> str:
    """This function will tell in which language to write to the author; the story's own, once the contact is erased."""
    languages = AuthorContact.objects.filter(testimonial=testimonial).values_list("language", flat=True)
    return languages.first() or testimonial.language
