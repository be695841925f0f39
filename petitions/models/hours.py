"""Counted signatures by hour of UTC: the sums that open data is read from. The database keeps them, no code does."""

from django.db import models
from django.db.models import Q

from petitions.models.petition import Petition


class TallyHour(models.Model):
    """
    How many counted signatures were proved in one hour of UTC: the sum of that hour's buckets, always.

    A trigger writes it in the statement that writes the buckets (migration 0009), so that fold, recount and repair need
    not know of it. It keeps a history's cost to its hours, whatever the number of countries, channels and signatures.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "starts_at"], name="tally_hour_unique"),
            models.CheckConstraint(condition=Q(n__gte=0), name="tally_hour_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.starts_at}: {self.n}"
