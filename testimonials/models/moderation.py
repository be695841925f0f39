"""What moderators decide, for which reasons, and the names under which they appear in a story's history."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from testimonials.models.stories import Revision, Testimonial
from testimonials.rules.stories import MAX_MESSAGE_CHARS

models.TextField.register_lookup(Length)


class ReasonCode(models.Model):
    """Why a story may be declined. A code that was used stays; one that is no longer offered is made inactive."""

    code = models.SlugField(max_length=40, primary_key=True)
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["position"], name="reason_code_unique_position")]

    def __str__(self) -> str:
        return self.code


class ReasonText(models.Model):
    """A reason in one language: its name for the moderator and the sentence that the author reads."""

    reason = models.ForeignKey(ReasonCode, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    explanation = models.CharField(max_length=400)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reason", "language"], name="reason_text_unique_language")]

    def __str__(self) -> str:
        return self.title


class DecisionAction(models.TextChoices):
    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")


class Decision(models.Model):
    """
    What one moderator decided on one revision, having seen one version of the story.

    `message` is the moderator's letter to the author; erasure of the story empties it (NULL).
    """

    testimonial = models.ForeignKey(Testimonial, on_delete=models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    version_seen = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=DecisionAction.choices)
    reason = models.ForeignKey(ReasonCode, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.TextField(null=True, default="", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision"], name="decision_one_per_revision"),
            models.CheckConstraint(condition=Q(action__in=DecisionAction.values), name="decision_action_known"),
            models.CheckConstraint(
                condition=Q(action=DecisionAction.APPROVE, reason__isnull=True)
                | Q(Q(message__isnull=True) | ~Q(message=""), action=DecisionAction.DECLINE, reason__isnull=False),
                name="decision_declining_says_why",
            ),
            models.CheckConstraint(
                condition=Q(message__isnull=True) | Q(message__length__lte=MAX_MESSAGE_CHARS),
                name="decision_message_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.testimonial_id}"


class ModeratorPrefs(models.Model):
    """How a moderator works. The pseudonym is drawn at their first decision and never changes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="moderator_prefs"
    )
    pseudonym = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pseudonym"], name="moderator_prefs_unique_pseudonym")]

    def __str__(self) -> str:
        return self.pseudonym
