"""A campaign and what it says of itself, in each language."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from petitions.models import Petition


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLIC = "public", _("Public")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def public(self) -> "CampaignQuerySet":
        return self.filter(state=CampaignState.PUBLIC)


class Campaign(models.Model):
    """A movement: its hashtags, its petitions and its public chronology."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="campaigns")
    slug = models.SlugField(max_length=80)
    state = models.CharField(max_length=10, choices=CampaignState.choices, default=CampaignState.DRAFT)
    timezone = models.CharField(max_length=60, default="UTC")
    hashtags = ArrayField(models.CharField(max_length=100), default=list, blank=True)  # without the sign
    petitions = models.ManyToManyField(Petition, related_name="campaigns")
    created_at = models.DateTimeField()

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="campaign_unique_slug"),
            models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_known"),
        ]

    def __str__(self) -> str:
        return self.slug


class CampaignText(models.Model):
    """The campaign in one language. The body is plain text, its paragraphs parted by empty lines."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField(max_length=20_000, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "language"], name="campaign_text_unique_language"),
            models.CheckConstraint(condition=~Q(title=""), name="campaign_text_has_title"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.language}"
