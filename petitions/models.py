"""Petitions, what was typed, what was proved, and what is owed to the count. Invariants are named constraints."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from petitions.rules import DEFAULT_LADDER


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
                condition=Q(state=PetitionState.DRAFT) | Q(opens_at__isnull=False), name="petition_published_has_opening"
            ),
            models.CheckConstraint(
                condition=~Q(state=PetitionState.CLOSED) | Q(closes_at__isnull=False), name="petition_closed_has_closing"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


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
            models.UniqueConstraint(
                fields=["petition", "language", "version"], name="petition_text_unique_version"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="petition_text_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.language} v{self.version}"


class Channel(models.TextChoices):
    """Through which door a signature came."""

    WEB = "web", _("This site")
    IMPORT = "import", _("Import")


class PendingSignature(models.Model):
    """
    An attempt to sign, unproved. It holds no slot: anyone may type your address, and only your proof counts.

    `mail_number` bounds the mails: at most three a day to one person for one petition. NULL: over the limit, no mail.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="pending_signatures")
    identity_digest = models.BinaryField(max_length=32)
    email_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    country = models.CharField(max_length=2, blank=True, default="")
    wants_news = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    mailed_on = models.DateField()
    mail_number = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "identity_digest", "mailed_on", "mail_number"],
                name="pending_signature_unique_mail_number",
            ),
            models.CheckConstraint(
                condition=Q(mail_number__isnull=True) | Q(mail_number__range=(1, 3)),
                name="pending_signature_three_mails_a_day",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="pending_signature_created")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class SignatureQuerySet(models.QuerySet["Signature"]):
    def counted(self) -> "SignatureQuerySet":
        return self.filter(invalidated_at__isnull=True)


class Signature(models.Model):
    """
    A proved signature. Counted unless invalidated.

    Erasure empties the sealed fields and the digest and keeps the row, so that totals never change by it.
    """

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="signatures")
    identity_digest = models.BinaryField(max_length=32, null=True)
    email_sealed = models.BinaryField(null=True)
    name_sealed = models.BinaryField(null=True)
    country = models.CharField(max_length=2, blank=True, default="")
    wants_news = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    signed_at = models.DateTimeField()  # when the form was sent
    verified_at = models.DateTimeField()  # when the address was proved: the instant that counts
    invalidated_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "identity_digest"], name="signature_unique_identity_per_petition"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=False)
                | Q(identity_digest__isnull=False, email_sealed__isnull=False, name_sealed__isnull=False),
                name="signature_identified_until_erased",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(identity_digest__isnull=True, email_sealed__isnull=True, name_sealed__isnull=True),
                name="signature_erased_names_nobody",
            ),
            models.CheckConstraint(condition=Q(verified_at__gte=F("signed_at")), name="signature_verified_after_signed"),
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"


class TallyReason(models.TextChoices):
    PROVED = "proved"
    WITHDRAWN = "withdrawn"
    INVALIDATED = "invalidated"
    RESTORED = "restored"


class TallyEntry(models.Model):
    """
    +1 or -1 owed to the count, written in the transaction that made it true and deleted by the fold that pays it.

    `bucket_at` is the quarter hour in which the *signature* was proved, so that a later -1 leaves the bucket that
    the +1 entered and every series keeps adding up to the total.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+")
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
        indexes = [models.Index(fields=["petition", "id"], name="tally_entry_owed")]

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

    A quarter hour, not an hour: time zones differ by quarters, and a day must be summed exactly in each of them.
    """

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="buckets")
    starts_at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "starts_at", "country", "channel"], name="tally_bucket_unique"
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="tally_bucket_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.starts_at}: {self.n}"


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
