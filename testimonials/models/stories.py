"""A story with its immutable texts, what its author agreed to, and the address that only the mail sender opens."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from campaigns.models import Campaign
from outbox.sealing import unseal
from testimonials.rules import consents, stories

NAME_PURPOSE = "testimonial.display_name"
EMAIL_PURPOSE = "testimonial.email"
DIGEST_PURPOSE = "testimonial"

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


class Status(models.TextChoices):
    UNVERIFIED = "unverified", _("Waiting for the author's e-mail address to be confirmed")
    PENDING = "pending", _("Waiting for a moderator")
    PUBLISHED = "published", _("Published")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ERASED = "erased", _("Erased")


class StoryLanguage(models.TextChoices):
    EN = "en", _("English")
    FR = "fr", _("French")


class ContentLabel(models.TextChoices):
    """What a story speaks of, said before its text, so that readers can choose."""

    GRIEF = "grief", _("grief")
    SELF_HARM = "self_harm", _("self-harm or suicide")
    MENTAL_HEALTH = "mental_health", _("mental illness")
    ABUSE = "abuse", _("abuse")
    VIOLENCE = "violence", _("violence")


def label_names(labels: Iterable[str]) -> list[str]:
    """This function will name labels in the reader's language, in the order of the vocabulary."""
    chosen = frozenset(labels)
    return [str(label.label) for label in ContentLabel if label.value in chosen]


class ConsentPurpose(models.TextChoices):
    PUBLISH = consents.PUBLISH, _("Publication")
    PRESS = consents.PRESS, _("Quotation in the press")
    COMPANY = consents.COMPANY, _("Sending to the company")
    TRANSLATE = consents.TRANSLATE, _("Translation")


class TestimonialQuerySet(models.QuerySet["Testimonial"]):
    def public(self, *, now: datetime) -> "TestimonialQuerySet":
        """Everything that a reader may see, and the only definition of it: pages, tags and exports ask here."""
        agreed = Consent.objects.filter(
            testimonial=OuterRef("pk"), purpose=ConsentPurpose.PUBLISH, withdrawn_at__isnull=True
        )
        return self.filter(
            Exists(agreed), status=Status.PUBLISHED, publish_at__lte=now, published_revision__isnull=False
        )

    def awaiting_decision(self) -> "TestimonialQuerySet":
        return self.filter(status=Status.PENDING)

    def expired(self, *, now: datetime) -> "TestimonialQuerySet":
        """What has been kept for as long as we said we would, and no longer may be."""
        return self.filter(
            Q(status=Status.UNVERIFIED, status_changed_at__lte=now - stories.UNVERIFIED_LIFETIME)
            | Q(status=Status.WITHDRAWN, status_changed_at__lte=now - stories.WITHDRAWN_RETENTION)
            | Q(status=Status.DECLINED, status_changed_at__lte=now - stories.DECLINED_RETENTION)
        )

    def of_teams(self, teams: Iterable[Team] | models.QuerySet[Team]) -> "TestimonialQuerySet":
        return self.filter(campaign__team__in=teams)


class Testimonial(models.Model):
    """
    One story of one supporter. Its text is in its revisions; a decision names the revision and version it saw.

    `display_name_sealed` is NULL for an anonymous author. The revision columns point at revisions of this very story:
    composite foreign keys in the database see to that (migration 0002).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="testimonials")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.UNVERIFIED)
    version = models.PositiveIntegerField(default=1)  # grows with every change; what a decision must have seen
    language = models.CharField(max_length=10, choices=StoryLanguage.choices)
    content_labels = ArrayField(models.CharField(max_length=20, choices=ContentLabel.choices), default=list, blank=True)
    display_name_sealed = models.BinaryField(null=True)
    current_revision = models.ForeignKey("Revision", on_delete=models.PROTECT, related_name="+")
    published_revision = models.ForeignKey("Revision", on_delete=models.PROTECT, null=True, related_name="+")
    adult_declared_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when the team means to have decided; the order of the queue
    publish_at = models.DateTimeField(null=True)
    status_changed_at = models.DateTimeField()

    objects = TestimonialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="testimonial_status_known"),
            models.CheckConstraint(condition=Q(language__in=StoryLanguage.values), name="testimonial_language_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="testimonial_version_positive"),
            models.CheckConstraint(
                condition=Q(content_labels__contained_by=ContentLabel.values), name="testimonial_labels_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(published_revision__isnull=False, publish_at__isnull=False),
                name="testimonial_published_has_revision_and_date",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.PENDING, Status.PUBLISHED, Status.DECLINED])
                | Q(confirmed_at__isnull=False, due_at__isnull=False),
                name="testimonial_moderated_is_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ERASED) | Q(display_name_sealed__isnull=True, content_labels=[]),
                name="testimonial_erased_says_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status=Status.PENDING), name="testimonial_queue"),
            models.Index(
                fields=["campaign", "-publish_at", "id"],
                condition=Q(status=Status.PUBLISHED),
                name="testimonial_public",
            ),
            models.Index(fields=["status", "status_changed_at"], name="testimonial_to_purge"),
        ]

    def __str__(self) -> str:
        return f"testimonial {self.pk} ({self.status})"

    @property
    def display_name(self) -> str:
        """The name under which the author wishes to appear, "" for an anonymous one."""
        sealed = self.display_name_sealed
        return "" if sealed is None else unseal(sealed=bytes(sealed), purpose=NAME_PURPOSE)

    @property
    def content_label_names(self) -> list[str]:
        """What the story speaks of, in the reader's language and the order of the vocabulary."""
        return label_names(self.content_labels)


class RevisionAuthor(models.TextChoices):
    AUTHOR = "author"


class Revision(models.Model):
    """One text of a story. A trigger refuses every change but erasure, which empties body and digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    testimonial = models.ForeignKey(Testimonial, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    author_kind = models.CharField(max_length=10, choices=RevisionAuthor.choices, default=RevisionAuthor.AUTHOR)
    body = models.TextField(null=True)
    sha256 = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["testimonial", "number"], name="revision_unique_number"),
            # What the composite foreign keys of Testimonial point at.
            models.UniqueConstraint(fields=["id", "testimonial"], name="revision_unique_with_testimonial"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_number_positive"),
            models.CheckConstraint(
                condition=Q(author_kind__in=RevisionAuthor.values), name="revision_author_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(body__isnull=True)
                | Q(body__length__gte=stories.MIN_BODY_CHARS, body__length__lte=stories.MAX_BODY_CHARS),
                name="revision_body_length",
            ),
            models.CheckConstraint(
                condition=Q(body__isnull=True, sha256__isnull=True) | Q(body__isnull=False, sha256__isnull=False),
                name="revision_digest_with_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.testimonial_id} r{self.number}"


class AuthorContact(models.Model):
    """
    Where the author can be told: apart from the story, opened by the mail sender only, gone with erasure.

    `mail_number` bounds what a stranger who types your address can send you: three mails a day for one campaign.
    NULL: over the limit, no mail.
    """

    testimonial = models.OneToOneField(Testimonial, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    email_sealed = models.BinaryField()
    identity_digest = models.BinaryField(max_length=32)
    language = models.CharField(max_length=10)  # of the pages that the author reads
    mailed_on = models.DateField()
    mail_number = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "identity_digest", "mailed_on", "mail_number"],
                name="author_contact_unique_mail_number",
            ),
            models.CheckConstraint(
                condition=Q(mail_number__isnull=True) | Q(mail_number__range=(1, stories.MAILS_PER_DAY)),
                name="author_contact_three_mails_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"contact of {self.testimonial_id}"


class Consent(models.Model):
    """What an author agreed to, in which wording; withdrawn by a date, never by deleting the row."""

    testimonial = models.ForeignKey(Testimonial, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    text_version = models.CharField(max_length=20)
    locale = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["testimonial", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_one_active"
            ),
            models.CheckConstraint(condition=Q(purpose__in=ConsentPurpose.values), name="consent_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.testimonial_id} agrees to {self.purpose}"

    @property
    def wording(self) -> str:
        """The sentence that the author read and ticked."""
        return consents.consent_wording(purpose=self.purpose, language=self.locale, version=self.text_version)
