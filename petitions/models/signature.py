"""What was typed, and what was proved."""

from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from petitions.models.asking import NewsConsent
from petitions.models.integrity import HeldReason, IntegrityCase
from petitions.models.petition import Petition


class Channel(models.TextChoices):
    """Through which door a signature came."""

    WEB = "web", _("This site")
    IMPORT = "import", _("Import")


class NameShown(models.TextChoices):
    """How a name stands beside a comment once that is published. It is shown nowhere else."""

    FULL = "full", _("In full")
    INITIALS = "initials", _("As initials")
    HIDDEN = "hidden", _("Not at all")


class ProvedBy(models.TextChoices):
    MAIL = "mail", _("A link that was mailed")
    ACCOUNT = "account", _("An account with that address")


class CommentState(models.TextChoices):
    NONE = "none", _("No comment")
    WAITING = "waiting", _("Waiting for review")
    PUBLISHED = "published", _("Published")
    DECLINED = "declined", _("Declined")


class SigningDetails(models.Model):
    """
    What both an attempt and a signature keep beside who signed.

    `details_sealed`: sealed JSON {"postcode", "comment", "answers": {question id: short text}}, absent keys for what was
    not said. `choices`: {question id: key of the option}; in plain, since it is counted and names nobody.
    `domain_digest`, `network_digest`: keyed; the second one with the day's key, and emptied after 30 days.
    """

    name_shown = models.CharField(
        max_length=10, choices=NameShown.choices, default=NameShown.HIDDEN, db_default=NameShown.HIDDEN
    )
    details_sealed = models.BinaryField(null=True)
    choices = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    # Most agree to no words of a petition's own: the indexes of both tables hold those who did.
    news_consent = models.ForeignKey(
        NewsConsent, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    domain_digest = models.BinaryField(max_length=32, null=True)
    network_digest = models.BinaryField(max_length=32, null=True)
    form_age_s = models.PositiveIntegerField(null=True)  # from the page to the POST, None where it is not known
    name_shape = models.CharField(max_length=20, blank=True, default="", db_default="")  # "Aa Aa" for Ada Lovelace
    held_reason = models.CharField(max_length=20, choices=HeldReason.choices, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class PendingSignature(SigningDetails):
    """
    An attempt to sign, unproved. It holds no slot: anyone may type your address, and only your proof counts.

    `mail_number` bounds the mails: at most three a day to one person for one petition; over the limit no row is made.
    NULL: an attempt that owes no mail.
    """

    # The unique constraint begins with the petition and the person.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="pending_signatures", db_index=False)
    identity_digest = models.BinaryField(max_length=32)
    email_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    country = models.CharField(max_length=2, blank=True, default="")
    wants_news = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    mailed_on = models.DateField()
    mail_number = models.PositiveSmallIntegerField(null=True)
    case = models.ForeignKey(IntegrityCase, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
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
        indexes = [
            models.Index(fields=["created_at"], name="pending_signature_created"),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="pending_signature_case"),
            models.Index(
                fields=["news_consent"], condition=Q(news_consent__isnull=False), name="pending_signature_consent"
            ),
            models.Index(
                fields=["petition", "held_reason", "id"], condition=~Q(held_reason=""), name="pending_signature_held"
            ),
            models.Index(
                fields=["created_at", "id"],
                condition=Q(network_digest__isnull=False),
                name="pending_signature_networked",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


# What an erasure takes off a signature; the constraint below says the same.
EMPTIED_BY_ERASURE = ("email_sealed", "name_sealed", "details_sealed", "domain_digest", "network_digest")
# All columns of an erased signature but the digest and the instant. What was counted stays: country, choices, channel.
ERASED: dict[str, Any] = {
    **dict.fromkeys(EMPTIED_BY_ERASURE),
    "name_shown": NameShown.HIDDEN,
    "name_shape": "",
    "form_age_s": None,
    "comment_state": CommentState.NONE,
    "comment_decided_at": None,
    "wants_news": False,
    "news_consent": None,
}


class SignatureQuerySet(models.QuerySet["Signature"]):
    def counted(self) -> "SignatureQuerySet":
        return self.filter(invalidated_at__isnull=True, held_at__isnull=True)


class Signature(SigningDetails):
    """
    A proved signature. Counted unless invalidated by a case, or held until somebody has looked at it.

    Erasure empties the sealed fields and keeps the row, so that totals never change by it. The digest goes with them once
    nobody can sign any more: while the petition runs, whoever erases could otherwise sign and be counted again.
    """

    # The unique constraint begins with the petition.
    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    identity_digest = models.BinaryField(max_length=32, null=True)
    # By which version of the rules about mail domains the digest was made (accounts.rule_sets).
    identity_version = models.PositiveIntegerField(default=0, db_default=0)
    email_sealed = models.BinaryField(null=True)
    name_sealed = models.BinaryField(null=True)
    country = models.CharField(max_length=2, blank=True, default="")
    wants_news = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    signed_at = models.DateTimeField()  # when the form was sent
    verified_at = models.DateTimeField()  # when the address was proved: the instant that counts
    proved_by = models.CharField(
        max_length=10, choices=ProvedBy.choices, default=ProvedBy.MAIL, db_default=ProvedBy.MAIL
    )
    comment_state = models.CharField(
        max_length=10, choices=CommentState.choices, default=CommentState.NONE, db_default=CommentState.NONE
    )
    comment_decided_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    invalidated_at = models.DateTimeField(null=True)
    case = models.ForeignKey(IntegrityCase, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
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
                | Q(
                    email_sealed__isnull=True,
                    name_sealed__isnull=True,
                    details_sealed__isnull=True,
                    domain_digest__isnull=True,
                    network_digest__isnull=True,
                    comment_state=CommentState.NONE,
                ),
                name="signature_erased_names_nobody",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__gte=F("signed_at")), name="signature_verified_after_signed"
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | ~Q(held_reason=""), name="signature_held_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(comment_state__in=CommentState.values), name="signature_comment_state_known"
            ),
        ]
        indexes = [
            # Reconciling and recounting read the counted signatures from this index alone.
            models.Index(
                fields=["petition", "verified_at", "id"],
                include=["country", "channel"],
                condition=Q(invalidated_at__isnull=True, held_at__isnull=True),
                name="signature_counted_cells",
            ),
            models.Index(
                fields=["petition", "verified_at", "id"], condition=Q(held_at__isnull=False), name="signature_held"
            ),
            models.Index(
                fields=["petition", "verified_at", "id"],
                condition=Q(invalidated_at__isnull=False),
                name="signature_removed",
            ),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="signature_case"),
            models.Index(fields=["news_consent"], condition=Q(news_consent__isnull=False), name="signature_consent"),
            models.Index(fields=["petition", "domain_digest"], name="signature_by_domain"),
            models.Index(
                fields=["petition", "network_digest"],
                condition=Q(network_digest__isnull=False),
                name="signature_by_network",
            ),
            # Forgetting the networks of 30 days ago looks at these and not at all of the last 30 days.
            models.Index(
                fields=["signed_at", "id"], condition=Q(network_digest__isnull=False), name="signature_networked"
            ),
            models.Index(
                fields=["petition", "comment_decided_at", "id"],
                condition=Q(comment_state=CommentState.PUBLISHED),
                name="signature_comment_published",
            ),
            models.Index(
                fields=["petition", "id"],
                condition=Q(comment_state=CommentState.WAITING),
                name="signature_comment_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"signature {self.pk}"
