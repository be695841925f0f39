"""Files that a team asked for: prepared by the clock, kept on STORAGES["exports"] for some days, taken out by its people."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from petitions.models.petition import Petition


class ExportState(models.TextChoices):
    OWED = "owed"  # to be written, or just being written
    READY = "ready"
    FAILED = "failed"  # tried as often as is sensible; may be asked for anew


class PreparedExport(models.Model):
    """
    Every counted signature of a petition as a row of a CSV file, without anything that the tables keep sealed.

    `file_name` is the storage's; the row goes with its file when `expires_at` has passed.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=10)  # of the words in its columns
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.OWED)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    file_name = models.CharField(max_length=300, blank=True, default="")
    size_bytes = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="prepared_export_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (Q(ready_at__isnull=False, expires_at__isnull=False) & ~Q(file_name="")),
                name="prepared_export_ready_has_file",
            ),
            # Whoever presses twice, or two who press at once, get one file.
            models.UniqueConstraint(
                fields=["petition", "language"],
                condition=Q(state=ExportState.OWED),
                name="prepared_export_owed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["petition", "-asked_at"], name="prepared_export_newest"),
            models.Index(fields=["asked_at"], condition=Q(state=ExportState.OWED), name="prepared_export_owed"),
        ]

    def __str__(self) -> str:
        return f"export #{self.pk} ({self.state})"
