"""Every message that the site owes to somebody outside, as a row. It knows no other app."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from outbox.resealing import SealedColumn, SealedTable
from outbox.sealing import CannotUnseal, seal, unseal
from outbox.webhook_models import SEALED_TABLES as WEBHOOK_TABLES

PAYLOAD_PURPOSE = "outbox.payload"
# In the context and not beside it: a worker of the release before this one can still read the payload.
UNSUBSCRIBE_URL = "unsubscribe_url"
_ENCODER = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make one for each text


@dataclass(frozen=True, kw_only=True)
class Payload:
    """What of a message identifies a person: kept sealed, and only until some days after delivery."""

    recipient: str
    context: dict[str, Any]

    @property
    def unsubscribe_url(self) -> str:
        """Where one click ends such mail, "" for mail that is not sent in bulk."""
        return str(self.context.get(UNSUBSCRIBE_URL, ""))

    def sealed(self) -> bytes:
        text = _ENCODER.encode({"recipient": self.recipient, "context": self.context})
        return seal(text=text, purpose=PAYLOAD_PURPOSE)

    @classmethod
    def unsealed(cls, sealed: bytes) -> "Payload":
        return cls(**json.loads(unseal(sealed=sealed, purpose=PAYLOAD_PURPOSE)))


class MessageState(models.TextChoices):
    DUE = "due"
    SENT = "sent"
    FAILED = "failed"  # permanently refused; shown to staff, never retried by itself
    SUPPRESSED = "suppressed"  # the address is on the suppression list: it was never tried
    FORGOTTEN = "forgotten"  # its person left before it did: nothing of it is kept


class MessagePriority(models.IntegerChoices):
    """Lower leaves first: someone waits for a verification mail, nobody waits for news."""

    VERIFICATION = 0
    NOTICE = 5
    BULK = 9


class OutgoingMessageQuerySet(models.QuerySet["OutgoingMessage"]):
    def due(self, *, now: datetime) -> "OutgoingMessageQuerySet":
        # What was owed for at once is due, also to a deliverer whose clock is minutes behind the web server's.
        is_due = Q(due_at__lte=now) | Q(attempts=0, due_at=F("created_at"))
        return self.filter(is_due, state=MessageState.DUE)

    def failed(self) -> "OutgoingMessageQuerySet":
        return self.filter(state=MessageState.FAILED)

    def with_payload(self) -> "OutgoingMessageQuerySet":
        return self.filter(payload_sealed__isnull=False)


class OutgoingMessage(models.Model):
    """
    One e-mail owed. `unique_key` makes owing it twice harmless; `payload_sealed` holds recipient and context as
    sealed JSON and is emptied some days after delivery, so that the row then says only that a message left.
    """

    kind = models.CharField(max_length=60)  # the template folder under templates/emails/
    unique_key = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    payload_sealed = models.BinaryField(null=True)
    priority = models.SmallIntegerField(choices=MessagePriority.choices, default=MessagePriority.NOTICE)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")  # the server's code, never an address
    provider_id = models.CharField(max_length=200, blank=True, default="")
    domain_digest = models.BinaryField(max_length=32, null=True)  # of the recipient's; emptied with the payload
    delivered_at = models.DateTimeField(null=True)  # these three by the provider's word, through its webhook
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unique_key"], name="outgoing_message_unique_key"),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="outgoing_message_state_known"),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | (~Q(state=MessageState.SENT) & Q(sent_at__isnull=True)),
                name="outgoing_message_sent_at_when_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state=MessageState.DUE) | Q(payload_sealed__isnull=False),
                name="outgoing_message_due_has_payload",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("created_at")), name="outgoing_message_due_after_created"),
        ]
        indexes = [
            models.Index(
                fields=["priority", "due_at", "id"], condition=Q(state=MessageState.DUE), name="outgoing_message_due"
            ),
            models.Index(
                fields=["sent_at"], condition=Q(payload_sealed__isnull=False), name="outgoing_message_to_purge"
            ),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="outgoing_message_provider_id"),
            models.Index(fields=["created_at"], name="outgoing_message_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"

    def payload(self) -> Payload:
        """This function will open what the row keeps sealed; raises CannotUnseal, also when it was purged."""
        if self.payload_sealed is None:
            raise CannotUnseal("the payload was purged")
        return Payload.unsealed(bytes(self.payload_sealed))


class OwedForgetting(models.Model):
    """
    A message about a person who has left, whose row somebody held at that instant: it is emptied when it is free again.

    No foreign key: its check would wait for the very lock that this row is written not to wait for.
    """

    message_id = models.BigIntegerField(primary_key=True)
    owed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"forgetting of message {self.message_id}"


class DeliveryEventKind(models.TextChoices):
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # for good: the mailbox does not exist
    DEFERRED = "deferred"
    REJECTED = "rejected"
    COMPLAINED = "complained"  # its reader called it spam


class DeliveryEvent(models.Model):
    """What a mail provider told us of a message, once however often it tells it. Holds no address."""

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=DeliveryEventKind.choices)
    message = models.ForeignKey(OutgoingMessage, on_delete=models.SET_NULL, null=True, related_name="events")
    # Of a message that is not known yet: an event can overtake the commit that says the message left.
    awaited_provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    ends_writing = models.BooleanField(default=False, db_default=False)  # its address is not to be written to again
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="delivery_event_told_once"),
            models.CheckConstraint(condition=Q(kind__in=DeliveryEventKind.values), name="delivery_event_kind_known"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=~Q(awaited_provider_id=""), name="delivery_event_awaits"),
            models.Index(fields=["occurred_at"], name="delivery_event_occurred"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ASKED = "asked"  # its owner wants no mail of this site at all


class Suppression(models.Model):
    """An address that gets no mail of this site, as the keyed digest of its lower-case form."""

    address_digest = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=12, choices=SuppressionReason.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_digest"], name="suppression_unique_address"),
            models.CheckConstraint(condition=Q(reason__in=SuppressionReason.values), name="suppression_reason_known"),
        ]

    def __str__(self) -> str:
        return f"suppression #{self.pk} ({self.reason})"


class SwitchName(models.TextChoices):
    PAUSE_SIGNING = "pause_signing"
    PROOF_OF_WORK = "proof_of_work"
    STOP_BULK_MAIL = "stop_bulk_mail"


class Switch(models.Model):
    """
    A site-wide switch of staff, in the lowest app since the deliverer reads one. No row: off.

    `level`: of the proof of work, how hard it is at least; 1 for the others.
    """

    name = models.CharField(max_length=20, choices=SwitchName.choices, primary_key=True)
    is_on = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=200, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(name__in=SwitchName.values), name="switch_name_known")]

    def __str__(self) -> str:
        return f"{self.name}: {'on' if self.is_on else 'off'}"


SEALED_TABLES = (
    SealedTable(model=OutgoingMessage, columns=(SealedColumn(name="payload_sealed", purpose=PAYLOAD_PURPOSE),)),
    *WEBHOOK_TABLES,
)
