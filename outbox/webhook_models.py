"""Where a team wants its events sent, and every event that is owed there, as rows. They know no other app."""

from collections.abc import Iterator
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from outbox.resealing import SealedColumn, SealedTable
from outbox.sealing import seal, unseal

URL_PURPOSE = "outbox.webhook_url"
SECRET_PURPOSE = "outbox.webhook_secret"  # noqa: S105 # a purpose, not a secret


class DisabledReason(models.TextChoices):
    BY_TEAM = "by_team"
    GONE = "gone"  # it answered 410: it wants nothing from us any more
    FAILING = "failing"  # for days


class WebhookEndpoint(models.Model):
    """
    A URL that wants events. Whose it is, another app knows.

    `free_at` is both the lease of whoever is posting to it and the rest that it asked for: at most one event is on its
    way to an endpoint at a time, and none before that instant.
    """

    url_sealed = models.BinaryField()
    secret_sealed = models.BinaryField()
    previous_secret_sealed = models.BinaryField(null=True)  # signs beside the new one until it ends
    previous_secret_until = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=10, choices=DisabledReason.choices, blank=True, default="")
    team_told_at = models.DateTimeField(null=True)  # that we disabled it
    failing_since = models.DateTimeField(null=True)  # of the first failure after the last success
    free_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_reason__in=["", *DisabledReason.values]), name="webhook_endpoint_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_reason="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="webhook_endpoint_disabled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_secret_sealed__isnull=True, previous_secret_until__isnull=True)
                | Q(previous_secret_sealed__isnull=False, previous_secret_until__isnull=False),
                name="webhook_endpoint_overlap_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(disabled_reason__in=["gone", "failing"], team_told_at__isnull=True),
                name="webhook_endpoint_to_tell",
            )
        ]

    def __str__(self) -> str:
        return f"webhook endpoint #{self.pk}"

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    def url(self) -> str:
        """This function will open the URL; raises CannotUnseal."""
        return unseal(sealed=bytes(self.url_sealed), purpose=URL_PURPOSE)

    def secret(self) -> str:
        """This function will open the newest secret; raises CannotUnseal."""
        return unseal(sealed=bytes(self.secret_sealed), purpose=SECRET_PURPOSE)

    def secrets_in_force(self, *, now: datetime) -> Iterator[str]:
        """This function will open the secrets that sign now, the newest first; raises CannotUnseal."""
        yield self.secret()
        if self.previous_secret_until is not None and now < self.previous_secret_until:
            yield unseal(sealed=bytes(self.previous_secret_sealed or b""), purpose=SECRET_PURPOSE)


class WebhookState(models.TextChoices):
    DUE = "due"
    SENT = "sent"
    FAILED = "failed"  # tried as often as it may be, or its endpoint is gone; the team may send it again


class OutgoingWebhookQuerySet(models.QuerySet["OutgoingWebhook"]):
    def due(self, *, now: datetime) -> "OutgoingWebhookQuerySet":
        """What waits for nobody but us: its time has come and its endpoint is enabled and free."""
        # What was owed for at once is due, also to a deliverer whose clock is minutes behind.
        is_due = Q(due_at__lte=now) | Q(attempts=0, due_at=F("created_at"))
        return self.filter(is_due, state=WebhookState.DUE, endpoint__disabled_at=None).filter(
            Q(endpoint__free_at__lte=now) | Q(endpoint__free_at=F("endpoint__created_at"))
        )

    def waiting(self) -> "OutgoingWebhookQuerySet":
        return self.filter(state=WebhookState.DUE, endpoint__disabled_at=None)

    def failed(self) -> "OutgoingWebhookQuerySet":
        return self.filter(state=WebhookState.FAILED)


class OutgoingWebhook(models.Model):
    """
    One event owed to one endpoint. `event_key` makes owing it twice harmless; `webhook_id` names it to its receiver
    and stays the same however often it is sent. `body` is what is signed and sent, byte by byte, emptied some days later.

    `attempts` is counted when one begins, and tells its deliverer whether the row is still its own when it ends.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="events")
    webhook_id = models.CharField(max_length=40)
    event_type = models.CharField(max_length=60)
    event_key = models.CharField(max_length=100)
    is_test = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=WebhookState.choices, default=WebhookState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_answer = models.CharField(max_length=60, blank=True, default="")  # a status or our own words, never theirs

    objects = OutgoingWebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_key"], name="outgoing_webhook_once_per_endpoint"),
            models.UniqueConstraint(fields=["webhook_id"], name="outgoing_webhook_unique_id"),
            models.CheckConstraint(condition=Q(state__in=WebhookState.values), name="outgoing_webhook_state_known"),
            models.CheckConstraint(
                condition=~Q(state=WebhookState.DUE) | ~Q(body=""), name="outgoing_webhook_due_has_body"
            ),
            models.CheckConstraint(
                condition=~Q(state=WebhookState.SENT) | Q(sent_at__isnull=False),
                name="outgoing_webhook_sent_has_instant",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("created_at")), name="outgoing_webhook_due_after_created"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state=WebhookState.DUE), name="outgoing_webhook_due"),
            models.Index(fields=["endpoint", "-id"], name="outgoing_webhook_newest"),
            models.Index(fields=["created_at"], condition=~Q(body=""), name="outgoing_webhook_to_purge"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk} ({self.state})"


def sealed_url(url: str) -> bytes:
    return seal(text=url, purpose=URL_PURPOSE)


def sealed_secret(secret: str) -> bytes:
    return seal(text=secret, purpose=SECRET_PURPOSE)


SEALED_TABLES = (
    SealedTable(
        model=WebhookEndpoint,
        columns=(
            SealedColumn(name="url_sealed", purpose=URL_PURPOSE),
            SealedColumn(name="secret_sealed", purpose=SECRET_PURPOSE),
            SealedColumn(name="previous_secret_sealed", purpose=SECRET_PURPOSE),
        ),
    ),
)
