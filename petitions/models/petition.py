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


class Eligibility(models.TextChoices):
    """Who may sign, as far as a form can tell; each rule is public and says so on the page."""

    ANYONE = "anyone", _("Everybody with an e-mail address")
    DOMAINS = "domains", _("People with an address at certain domains")
    COUNTRIES = "countries", _("People of certain countries, by their own word")


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
    asks_postcode = models.BooleanField(default=False)
    asks_comment = models.BooleanField(default=False)
    who_may_sign = models.CharField(max_length=10, choices=Eligibility.choices, default=Eligibility.ANYONE)
    allowed_domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    allowed_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
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
            models.CheckConstraint(
                condition=~Q(who_may_sign=Eligibility.DOMAINS) | Q(allowed_domains__len__gte=1),
                name="petition_domains_named",
            ),
            models.CheckConstraint(
                condition=~Q(who_may_sign=Eligibility.COUNTRIES) | Q(allowed_countries__len__gte=1, asks_country=True),
                name="petition_countries_named_and_asked",
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
