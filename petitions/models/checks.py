"""What the reconciler keeps: how far it has looked, and what it found wrong and repaired."""

from django.db import models

from petitions.models.petition import Petition
from petitions.models.signature import Channel


class TallyCheck(models.Model):
    """
    How far the reconciler has come with one petition. It walks through the whole history and then begins anew.

    `position` is the quarter hour at which the next window begins, NULL at the beginning of a lap. `drift` is what the
    last look found: 0, or an error that is being repaired.
    """

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    position = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    lap_started_at = models.DateTimeField(null=True)
    lap_finished_at = models.DateTimeField(null=True)
    drift = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.petition_id} checked at {self.checked_at}"


class TallyRepair(models.Model):
    """A drift that the reconciler found and repaired: every sum as it was, in the snapshot before the repair."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    published = models.BigIntegerField()
    owed = models.BigIntegerField()
    counted = models.BigIntegerField()
    in_buckets = models.BigIntegerField()
    by_reasons = models.BigIntegerField(default=0, db_default=0)
    in_hours = models.BigIntegerField(default=0, db_default=0)
    wrong_cells = models.PositiveIntegerField(default=0, db_default=0)  # of which at most MOST_CELLS are kept as rows

    def __str__(self) -> str:
        return f"{self.petition_id} repaired at {self.found_at}"


class TallyRepairCell(models.Model):
    """One bucket that did not say the truth: `published + owed` should have been `counted`, and then was."""

    repair = models.ForeignKey(TallyRepair, on_delete=models.CASCADE, related_name="cells")
    starts_at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    published = models.BigIntegerField()
    owed = models.BigIntegerField()
    counted = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.starts_at} {self.country}: {self.published} + {self.owed}, not {self.counted}"
