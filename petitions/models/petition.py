"""Petitions and the versions of their texts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from petitions.rules.ladder import DEFAULT_LADDER


def default_ladder() -> list[int]:
    return list(DEFAULT_LADDER)


class PetitionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


class PetitionQuerySet(models.QuerySet["Petition"]):
    def published(self) -> "PetitionQuerySet":
        return self.exclude(state__in=[PetitionState.DRAFT, PetitionState.SCHEDULED])


class Petition(models.Model):
    """A demand to an addressee, signed by people who prove their address."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="petitions")
    slug = models.SlugField(max_length=80)
    state = models.CharField(max_length=10, choices=PetitionState.choices, default=PetitionState.DRAFT)
    pause_reason = models.CharField(max_length=300, blank=True, default="")
    addressee = models.CharField(max_length=160)
    default_language = models.CharField(max_length=10, default="en")
    timezone = models.CharField(max_length=60, default="UTC")
    ladder = ArrayField(models.PositiveIntegerField(), default=default_ladder)
    asks_country = models.BooleanField(default=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = PetitionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="petition_unique_slug"),
            models.CheckConstraint(condition=Q(state__in=PetitionState.values), name="petition_state_known"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="petition_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(state=PetitionState.DRAFT) | Q(opens_at__isnull=False),
                name="petition_published_has_opening",
            ),
            models.CheckConstraint(
                condition=~Q(state=PetitionState.CLOSED) | Q(closes_at__isnull=False),
                name="petition_closed_has_closing",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_published(self) -> bool:
        """Everybody may see it; the set of such rows is `objects.published()`."""
        return self.state not in (PetitionState.DRAFT, PetitionState.SCHEDULED)


class PetitionText(models.Model):
    """One published version of the petition in one language. Never changed: a correction is the next version."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400)
    body = models.TextField(max_length=20_000)  # Markdown
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "language", "version"], name="petition_text_unique_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="petition_text_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.language} v{self.version}"
