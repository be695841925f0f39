"""What is owed to the count, the count, and what it reached. Only the fold and the recount write the sums."""

from django.db import models
from django.db.models import Q

from petitions.models.petition import Petition
from petitions.models.signature import Channel


class TallyReason(models.TextChoices):
    PROVED = "proved"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    RESTORED = "restored"
    CORRECTED = "corrected"  # a -1 and a +1 at once: the supporter named another country


class TallyEntry(models.Model):
    """
    +1 or -1 owed to the count, written in the transaction that made it true and deleted by the fold that pays it.

    `bucket_at` is the quarter hour in which the *signature* was proved, so that a later -1 leaves the bucket that
    the +1 entered and every series keeps adding up to the total.
    """

    # The index below begins with the petition; another one would only make each proof dearer.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+", db_index=False)
    delta = models.SmallIntegerField()
    reason = models.CharField(max_length=12, choices=TallyReason.choices)
    occurred_at = models.DateTimeField()
    bucket_at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(delta__in=[-1, 1]), name="tally_entry_delta_is_one"),
        ]
        # The order of the fold: by instants, so that no batch hides an earlier proof from a milestone of a later one.
        indexes = [models.Index(fields=["petition", "occurred_at", "id"], name="tally_entry_owed_in_order")]

    def __str__(self) -> str:
        return f"{self.delta:+d} to {self.petition_id}"


class Tally(models.Model):
    """The published count of a petition, and how its removals add up. Only the fold and the recount write it."""

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="tally")
    total = models.BigIntegerField(default=0)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(total__gte=0), name="tally_total_not_negative")]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.total}"


class TallyBucket(models.Model):
    """
    Counted signatures by quarter hour, country and channel. Their sum is the total, always.

    A quarter hour, not an hour: time zones differ by quarters, and a day must be summed exactly in each of them. A bucket
    that is left by its last signature is deleted: folds and recounts leave the same rows.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="buckets", db_index=False)
    starts_at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "starts_at", "country", "channel"], name="tally_bucket_unique"),
            models.CheckConstraint(condition=Q(n__gte=1), name="tally_bucket_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.starts_at}: {self.n}"


class TallyReasonTotal(models.Model):
    """
    How many entries of each reason were folded: what the public integrity page says.

    Proved + restored - withdrawn - invalidated is the total, always.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="reason_totals", db_index=False)
    reason = models.CharField(max_length=12, choices=TallyReason.choices)
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "reason"], name="tally_reason_total_unique"),
            models.CheckConstraint(condition=Q(n__gte=0), name="tally_reason_total_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.reason}: {self.n}"


class Milestone(models.Model):
    """A threshold that the count reached, at the instant of the entry that brought it there. Never taken back."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="milestones")
    threshold = models.PositiveIntegerField()
    reached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "threshold"], name="milestone_unique_per_petition"),
            models.CheckConstraint(condition=Q(threshold__gte=1), name="milestone_threshold_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} reached {self.threshold}"


class MilestoneNotice(models.Model):
    """
    The news of a milestone, owed to the supporters who asked for it; a task writes the mails batch by batch.

    `last_signature_id` is how far it has come; `expanded_at` says that every mail is in the outbox.
    """

    milestone = models.OneToOneField(Milestone, on_delete=models.CASCADE, primary_key=True, related_name="notice")
    last_signature_id = models.BigIntegerField(default=0)
    expanded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["milestone"], condition=Q(expanded_at__isnull=True), name="milestone_notice_owed")
        ]

    def __str__(self) -> str:
        return f"notice of {self.milestone_id}"
