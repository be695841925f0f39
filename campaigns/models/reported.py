"""Figures that others report. They stand beside our count with their source and are never joined to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class Qualifier(models.TextChoices):
    """How the source itself hedges its number."""

    EXACTLY = "", _("exactly")
    ABOUT = "about", _("about")
    NEARLY = "nearly", _("nearly")
    MORE_THAN = "more than", _("more than")


class ReportedSeries(models.Model):
    """One thing that was counted by somebody else, in one unit."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="reported_series")
    key = models.SlugField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="reported_series_unique_key")]

    def __str__(self) -> str:
        return self.key


class ReportedSeriesText(models.Model):
    """What the series counts and in which unit, in one language."""

    series = models.ForeignKey(ReportedSeries, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=160)
    unit = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "language"], name="reported_series_text_unique_language"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(unit=""), name="reported_series_text_complete"),
        ]

    def __str__(self) -> str:
        return self.name


class ReportedFigure(models.Model):
    """One number as its source gave it."""

    series = models.ForeignKey(ReportedSeries, on_delete=models.CASCADE, related_name="figures")
    reported_on = models.DateField()
    value = models.BigIntegerField()
    qualifier = models.CharField(max_length=10, choices=Qualifier.choices, default=Qualifier.EXACTLY, blank=True)
    source = models.CharField(max_length=160)
    url = models.URLField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "reported_on", "source"], name="reported_figure_unique"),
            models.CheckConstraint(condition=Q(value__gte=0), name="reported_figure_not_negative"),
            models.CheckConstraint(condition=Q(qualifier__in=Qualifier.values), name="reported_figure_qualifier_known"),
            models.CheckConstraint(condition=~Q(source=""), name="reported_figure_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.reported_on}"
