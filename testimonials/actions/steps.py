"""How a story changes at all: one step, one version more, one entry of the log, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from testimonials.models import EventActor, EventVerb, Status, Testimonial, TestimonialEvent
from testimonials.rules.event_log import NO_ENTRY_BEFORE


class TestimonialError(Exception):
    """What the actions of this app raise."""


class StoryGone(TestimonialError):
    """The story was withdrawn or erased: nothing more can be done with it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Who did what, for the log. A moderator by pseudonym, everybody else by what they are."""

    verb: EventVerb
    actor: EventActor
    actor_pseudonym: str = ""
    reason_code: str = ""


def take_step(*, testimonial: Testimonial, step: Step, to_status: Status, now: datetime, **changes: object) -> None:
    """
    This function will move a story to a status, with whatever else changes, and log it.

    Args:    testimonial: its row locked by the caller's transaction, so that nobody else takes a step meanwhile.
    Writes:  the named columns, version + 1, one TestimonialEvent.
    """
    from_status = testimonial.status
    values = {**changes, "status": to_status, "status_changed_at": now, "version": testimonial.version + 1}
    for name, value in values.items():
        setattr(testimonial, name, value)
    testimonial.save(update_fields=list(values))
    append_event(testimonial=testimonial, step=step, from_status=from_status, now=now)


def append_event(*, testimonial: Testimonial, step: Step, from_status: str, now: datetime) -> None:
    """This function will log a step that was taken; the caller's transaction holds the story's row."""
    last = TestimonialEvent.objects.filter(testimonial_id=testimonial.pk).order_by("-number").first()
    entry = TestimonialEvent(
        testimonial_id=testimonial.pk,
        number=1 if last is None else last.number + 1,
        verb=step.verb,
        actor=step.actor,
        actor_pseudonym=step.actor_pseudonym,
        from_status=from_status,
        to_status=testimonial.status,
        version=testimonial.version,
        revision_id=testimonial.current_revision_id,
        reason_code=step.reason_code,
        at=now,
        prev_hash=NO_ENTRY_BEFORE if last is None else bytes(last.hash),
    )
    entry.hash = entry.expected_hash
    entry.save(force_insert=True)
