"""What a petition asks its signers beside name and address, and the words by which they agree to news."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from petitions.models.petition import Petition

MOST_QUESTIONS = 5


class QuestionKind(models.TextChoices):
    CHOICE = "choice", _("One of several answers")
    TEXT = "text", _("A short text")


class PetitionQuestion(models.Model):
    """
    One of at most five own questions of a petition.

    Words are kept by language: `labels` is {"en": "…", "fr": "…"}; `options` lists {"key": "a", "labels": {…}} in the
    order in which they are shown. A key never changes its meaning: answers are kept by key. A question that is no
    longer asked is retired, not deleted, so that the answers it was given keep their words; so is an option, which then
    says "retired": true.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=QuestionKind.choices)
    labels = models.JSONField()
    options = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Five places, each taken once: the sixth question has none.
            models.UniqueConstraint(
                fields=["petition", "position"], condition=Q(retired_at__isnull=True), name="question_unique_position"
            ),
            models.CheckConstraint(condition=Q(position__range=(1, MOST_QUESTIONS)), name="question_five_at_most"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
        ]

    def __str__(self) -> str:
        return f"question {self.position} of {self.petition_id}"


class NewsConsent(models.Model):
    """One version of the words beside the box that asks for news. A signature keeps which version it agreed to."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="news_consents")
    version = models.PositiveIntegerField()
    labels = models.JSONField()  # {"en": "…", "fr": "…"}
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "version"], name="news_consent_unique_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="news_consent_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} news consent v{self.version}"
