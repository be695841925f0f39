"""How a petition's ladder came to be what it is."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from petitions.models.petition import Petition


class LadderChange(models.Model):
    """
    One replacement of a ladder by its team. Never changed: the next one is the next row.

    `recorded` are the new steps that the count had passed already: they are milestones since then, dated to their true
    instant, and nobody was written to.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="ladder_changes")
    before = ArrayField(models.PositiveIntegerField())
    after = ArrayField(models.PositiveIntegerField())
    recorded = ArrayField(models.PositiveIntegerField(), default=list)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="ladder_change_changes"),
            models.CheckConstraint(
                condition=Q(recorded__contained_by=F("after")), name="ladder_change_records_its_own"
            ),
        ]
        indexes = [models.Index(fields=["petition", "-id"], name="ladder_change_newest")]

    def __str__(self) -> str:
        return f"ladder of {self.petition_id} changed at {self.changed_at}"
