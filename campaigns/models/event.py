"""What happened, when as far as it is known, who says so, and who says otherwise."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.rules.moments import Precision as _Precision

_WEB_ADDRESS = r"^https?://[^\s]+$"


class Precision(models.TextChoices):
    """How exactly an instant is known; what lies below it is not shown."""

    MONTH = _Precision.MONTH.value, _("Month")
    DAY = _Precision.DAY.value, _("Day")
    HOUR = _Precision.HOUR.value, _("Hour")
    MINUTE = _Precision.MINUTE.value, _("Minute")
    SECOND = _Precision.SECOND.value, _("Second")


class EventKind(models.TextChoices):
    LAUNCH = "launch", _("Launch")
    ANNOUNCEMENT = "announcement", _("Announcement")
    REMOVAL = "removal", _("Removal")
    REVERSAL = "reversal", _("Reversal")
    STATEMENT = "statement", _("Statement")
    MOBILISATION = "mobilisation", _("Mobilisation")
    RESEARCH = "research", _("Research")


class SourceType(models.TextChoices):
    PRIMARY = "primary", _("Primary source")
    PRESS = "press", _("Press")
    ACADEMIC = "academic", _("Research")
    COMMUNITY = "community", _("Community")
    MACHINE = "machine", _("Machine summary")


class Event(models.Model):
    """
    Something that happened. No event is public without a source: the deferred constraint trigger
    `event_public_has_source` (migration 0002) holds that at every commit, whoever writes.

    A month or a day is kept as its first instant in UTC and means that calendar date, in no time zone.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="events")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    occurs_at = models.DateTimeField()
    precision = models.CharField(max_length=10, choices=Precision.choices, default=Precision.DAY)
    until = models.DateTimeField(null=True)  # last instant of something that lasted, with the same precision
    published = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="event_unique_key"),
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_known"),
            models.CheckConstraint(condition=Q(precision__in=Precision.values), name="event_precision_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("occurs_at")), name="event_until_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class EventText(models.Model):
    """The event's sentence in one language."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "language"], name="event_text_unique_language"),
            models.CheckConstraint(condition=~Q(title=""), name="event_text_has_title"),
        ]

    def __str__(self) -> str:
        return self.title


class EventSource(models.Model):
    """Who says that it happened. The type lets a reader weigh it; a machine's summary is named as one."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sources")
    type = models.CharField(max_length=10, choices=SourceType.choices)
    name = models.CharField(max_length=160)
    url = models.URLField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "name", "url"], name="event_source_unique"),
            models.CheckConstraint(condition=Q(type__in=SourceType.values), name="event_source_type_known"),
            models.CheckConstraint(condition=~Q(name=""), name="event_source_has_name"),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__iregex=_WEB_ADDRESS), name="event_source_url_is_of_the_web"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EventDate(models.Model):
    """A competing date: another source's. An event that has one is shown as disputed, and nothing is overwritten."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="competing_dates")
    at = models.DateTimeField()
    precision = models.CharField(max_length=10, choices=Precision.choices, default=Precision.DAY)
    source = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "at", "source"], name="event_date_unique"),
            models.CheckConstraint(condition=Q(precision__in=Precision.values), name="event_date_precision_known"),
            models.CheckConstraint(condition=~Q(source=""), name="event_date_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.at}"
