"""Where somebody who suffers finds a person to talk to, checked against the service's own word and dated."""

from django.db import models
from django.db.models import Q


class CrisisResource(models.Model):
    """One line of help as it is shown in one language. Shown to everyone, never only on a match."""

    country = models.CharField(max_length=2)  # ISO 3166; "EU" for the European emergency number
    language = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    url = models.URLField(blank=True, default="")
    hours = models.CharField(max_length=120)
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "position"], name="crisis_resource_unique_position"),
            models.UniqueConstraint(fields=["language", "country", "phone"], name="crisis_resource_unique_line"),
            models.CheckConstraint(condition=~Q(phone=""), name="crisis_resource_has_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.phone}"

    @property
    def note(self) -> str:
        """When it answers, under the name that components/_crisis_help.html reads."""
        return self.hours
