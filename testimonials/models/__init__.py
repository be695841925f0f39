"""Stories, what was agreed and decided about them, their history, and where help is. Invariants are named constraints."""

from testimonials.models.crisis import CrisisResource
from testimonials.models.event_log import EventActor, EventVerb, TestimonialEvent
from testimonials.models.moderation import Decision, DecisionAction, ModeratorPrefs, ReasonCode, ReasonText
from testimonials.models.stories import (
    AuthorContact,
    Consent,
    ConsentPurpose,
    ContentLabel,
    Revision,
    Status,
    StoryLanguage,
    Testimonial,
    TestimonialQuerySet,
)

__all__ = [
    "AuthorContact",
    "Consent",
    "ConsentPurpose",
    "ContentLabel",
    "CrisisResource",
    "Decision",
    "DecisionAction",
    "EventActor",
    "EventVerb",
    "ModeratorPrefs",
    "ReasonCode",
    "ReasonText",
    "Revision",
    "Status",
    "StoryLanguage",
    "Testimonial",
    "TestimonialEvent",
    "TestimonialQuerySet",
]
