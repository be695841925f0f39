"""What was typed, and what was proved."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from petitions.models.petition import Petition


class Channel(models.TextChoices):
    """Through which door a signature came."""

    WEB = "web", _("This site")
    IMPORT = "import", _("Import")


class PendingSignature(models.Model):
    """
    An attempt to sign, unproved. It holds no slot: anyone may type your address, and only your proof counts.

    `mail_number` bounds the mails: at most three a day to one person for one petition; over the limit no row is made.
    NULL: an attempt that owes no mail.
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

    Erasure empties the sealed fields and keeps the row, so that totals never change by it. The digest goes with them once
    nobody can sign any more: while the petition runs, whoever erases could otherwise sign and be counted again.
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
                condition=Q(erased_at__isnull=True) | Q(email_sealed__isnull=True, name_sealed__isnull=True),
                name="signature_erased_names_nobody",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__gte=F("signed_at")), name="signature_verified_after_signed"
            ),
        ]
        indexes = [
            # Reconciling and recounting read the counted signatures from this index alone.
            models.Index(
                fields=["petition", "verified_at", "id"],
                condition=Q(invalidated_at__isnull=True),
                name="signature_counted",
            )
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"
