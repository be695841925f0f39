"""
What a moderator decides. Every decision names the revision and the version that its screen showed; if either has
changed meanwhile, nothing at all is written. The version is what makes this correct, whoever else is looking.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from testimonials.actions.letters import owe_decline_letter, owe_publication_letter
from testimonials.actions.steps import Step, TestimonialError, append_event
from testimonials.models import (
    Decision,
    DecisionAction,
    EventActor,
    EventVerb,
    ModeratorPrefs,
    ReasonCode,
    Revision,
    Status,
    Testimonial,
)
from testimonials.queries.moderation import is_own_story
from testimonials.rules.pseudonyms import random_pseudonym


class OwnStory(TestimonialError):
    """Nobody decides on what they wrote themselves."""


class UnknownRevision(TestimonialError):
    """The revision is none of this story."""


class DecisionNotOffered(TestimonialError):
    """The story, as the moderator saw it, was not waiting for a decision."""


class StaleDecision(TestimonialError):
    """The story has changed since the moderator loaded it; their decision was about something else."""


class ReasonsIncomplete(TestimonialError):
    """Declining takes a reason that is offered and a message to the author."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the moderator's screen showed: the decision is about exactly this."""

    revision_id: uuid.UUID
    version: int


@transaction.atomic
def approve_testimonial(*, testimonial: Testimonial, seen: Seen, moderator: User, now: datetime) -> Testimonial:
    """
    Publish a pending story at once, as it was seen.

    Args:    testimonial: found by queries.moderation, so of a team for which the moderator decides.
    Returns: the story as it now stands.
    Raises:  OwnStory, UnknownRevision, DecisionNotOffered, StaleDecision; nothing is written then.
    Writes:  status, publish_at, published_revision; Decision, TestimonialEvent; owes the author one mail.
    """
    _check_moderator_and_revision(testimonial=testimonial, seen=seen, moderator=moderator)
    changes = {"status": Status.PUBLISHED, "published_revision_id": seen.revision_id, "publish_at": now}
    decided = _decide(testimonial=testimonial, seen=seen, changes=changes, now=now)
    Decision.objects.create(
        testimonial=decided,
        revision_id=seen.revision_id,
        version_seen=seen.version,
        action=DecisionAction.APPROVE,
        decided_by=moderator,
        decided_at=now,
    )
    _log(testimonial=decided, verb=EventVerb.APPROVED, moderator=moderator, now=now)
    owe_publication_letter(testimonial=decided, now=now)
    return decided


@transaction.atomic
def decline_testimonial(
    *, testimonial: Testimonial, seen: Seen, reason: ReasonCode, message: str, moderator: User, now: datetime
) -> Testimonial:
    """
    Decline a pending story, telling its author why in the moderator's own words.

    Args:    message: 1 to 2,000 characters, in the author's language; it is mailed, signed by the team, not by name.
    Raises:  ReasonsIncomplete, OwnStory, UnknownRevision, DecisionNotOffered, StaleDecision; nothing is written then.
    Writes:  status; Decision, TestimonialEvent; owes the author one mail.
    Source:  reference/moderation.md, S12 (statement of reasons).
    """
    if not message.strip() or not reason.is_active:
        raise ReasonsIncomplete("a reason and a message are due to the author")
    _check_moderator_and_revision(testimonial=testimonial, seen=seen, moderator=moderator)
    decided = _decide(testimonial=testimonial, seen=seen, changes={"status": Status.DECLINED}, now=now)
    decision = Decision.objects.create(
        testimonial=decided,
        revision_id=seen.revision_id,
        version_seen=seen.version,
        action=DecisionAction.DECLINE,
        reason=reason,
        message=message,
        decided_by=moderator,
        decided_at=now,
    )
    _log(testimonial=decided, verb=EventVerb.DECLINED, moderator=moderator, now=now, reason_code=reason.code)
    owe_decline_letter(testimonial=decided, decision=decision, now=now)
    return decided


def _check_moderator_and_revision(*, testimonial: Testimonial, seen: Seen, moderator: User) -> None:
    if is_own_story(user=moderator, testimonial=testimonial):
        raise OwnStory("nobody decides on their own story")
    if not Revision.objects.filter(pk=seen.revision_id, testimonial=testimonial).exists():
        raise UnknownRevision("not a revision of this story")


def _decide(*, testimonial: Testimonial, seen: Seen, changes: dict[str, object], now: datetime) -> Testimonial:
    """Change the story if it still is what was seen. One UPDATE judges and writes, so of many at once one wins."""
    awaited = Testimonial.objects.awaiting_decision().filter(
        pk=testimonial.pk, version=seen.version, current_revision_id=seen.revision_id
    )
    won = awaited.update(**changes, version=F("version") + 1, status_changed_at=now)
    current = Testimonial.objects.select_related("campaign").get(pk=testimonial.pk)
    if won:
        return current
    if (current.version, current.current_revision_id) == (seen.version, seen.revision_id):
        raise DecisionNotOffered(f"a story that is {current.status} is not up for decision")
    raise StaleDecision("the story has changed since it was loaded")


def _log(*, testimonial: Testimonial, verb: EventVerb, moderator: User, now: datetime, reason_code: str = "") -> None:
    step = Step(
        verb=verb, actor=EventActor.MODERATOR, actor_pseudonym=pseudonym_of(user=moderator), reason_code=reason_code
    )
    append_event(testimonial=testimonial, step=step, from_status=Status.PENDING, now=now)


def pseudonym_of(*, user: User) -> str:
    """This function will give a moderator's pseudonym, drawing one the first time."""
    while True:
        prefs = ModeratorPrefs.objects.filter(user=user).first()
        if prefs is not None:
            return prefs.pseudonym
        drawn = ModeratorPrefs(user=user, pseudonym=random_pseudonym(chance=random.SystemRandom()))
        ModeratorPrefs.objects.bulk_create([drawn], ignore_conflicts=True)  # the name may be taken: draw again
