"""The history of every story: append-only in the database, and holding no text, address or network address."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from testimonials.models.stories import Status
from testimonials.rules.event_log import EntryFacts, entry_hash


class EventActor(models.TextChoices):
    AUTHOR = "author", _("The author")
    MODERATOR = "moderator", _("A moderator")
    SYSTEM = "system", _("The site")


class EventVerb(models.TextChoices):
    SUBMITTED = "submitted", _("sent the story")
    CONFIRMED = "confirmed", _("confirmed the e-mail address")
    APPROVED = "approved", _("approved the story")
    DECLINED = "declined", _("declined the story")
    WITHDREW = "withdrew", _("withdrew the story")
    NARROWED = "narrowed", _("withdrew a consent")
    ERASED = "erased", _("erased the text and the address")
    EXPIRED = "expired", _("erased the text and the address at the end of the retention period")


class TestimonialEvent(models.Model):
    """
    One step of a story, sealed to the step before it. Triggers refuse UPDATE, DELETE and TRUNCATE (migration 0002).

    The story's id is a plain value, no foreign key: the trail outlives what it speaks of.
    """

    testimonial_id = models.UUIDField()
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=20, choices=EventVerb.choices)
    actor = models.CharField(max_length=10, choices=EventActor.choices)
    actor_pseudonym = models.CharField(max_length=40, blank=True, default="")
    from_status = models.CharField(max_length=20, choices=Status.choices, blank=True, default="")
    to_status = models.CharField(max_length=20, choices=Status.choices)
    version = models.PositiveIntegerField()  # of the story, after the step
    revision_id = models.UUIDField()
    reason_code = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["testimonial_id", "number"], name="testimonial_event_unique_number"),
            models.CheckConstraint(condition=Q(verb__in=EventVerb.values), name="testimonial_event_verb_known"),
            models.CheckConstraint(condition=Q(actor__in=EventActor.values), name="testimonial_event_actor_known"),
            models.CheckConstraint(
                condition=Q(actor=EventActor.MODERATOR) ^ Q(actor_pseudonym=""),
                name="testimonial_event_pseudonym_of_moderator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.testimonial_id} #{self.number} {self.verb}"

    @property
    def expected_hash(self) -> bytes:
        """What `hash` is, unless somebody changed the row."""
        facts = EntryFacts(
            testimonial_id=str(self.testimonial_id),
            number=self.number,
            verb=str(self.verb),
            actor=str(self.actor),
            actor_pseudonym=self.actor_pseudonym,
            from_status=str(self.from_status),
            to_status=str(self.to_status),
            version=self.version,
            revision_id=str(self.revision_id),
            reason_code=self.reason_code,
            at=self.at,
        )
        return entry_hash(facts=facts, prev_hash=bytes(self.prev_hash))
