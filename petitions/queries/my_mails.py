"""The mails that were sent to a supporter about a signature: which and when, for its owner alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from outbox.models import MessageState, OutgoingMessage
from petitions.models import Signature
from petitions.queries.mail_keys import attempt_keys_of, confirmation_key, digests_of, news_keys_of

_ABOUT: dict[str, Any] = {
    "verify_signature": _("The link to confirm your signature"),
    "already_signed": _("The link to your signature, after your address was typed again"),
    "signature_confirmed": _("The confirmation of your signature"),
    "milestone_news": _("News of a milestone"),
}
_STATES: dict[str, Any] = {
    MessageState.DUE: _("waiting to leave"),
    MessageState.SENT: _("sent"),
    MessageState.FAILED: _("refused by the mail server"),
    MessageState.SUPPRESSED: _("not sent: this address gets no mail from us"),
    MessageState.FORGOTTEN: _("not sent"),
}


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """One message as its reader may know it: nothing of its content, and to no address."""

    kind: str
    state: str
    owed_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    bounced_at: datetime | None

    @property
    def about(self) -> Any:
        return _ABOUT.get(self.kind, _("A message about your signature"))

    @property
    def became(self) -> Any:
        if self.bounced_at:
            return _("returned by your mail provider")
        return _("delivered") if self.delivered_at else _STATES[self.state]

    @property
    def at(self) -> datetime:
        return self.bounced_at or self.delivered_at or self.sent_at or self.owed_at

    def as_record(self) -> dict[str, Any]:
        instants = {name: value.isoformat() if value else None for name, value in self._instants().items()}
        return {"kind": self.kind, "state": self.state, **instants}

    def _instants(self) -> dict[str, datetime | None]:
        return {
            "owed_at": self.owed_at,
            "sent_at": self.sent_at,
            "delivered_at": self.delivered_at,
            "bounced_at": self.bounced_at,
        }


def mails_about(*, signature: Signature, now: datetime) -> list[SentMail]:
    """This function will list every message to one supporter about one petition, oldest first; two statements."""
    keys = [
        confirmation_key(signature_id=signature.pk),
        *attempt_keys_of(petition=signature.petition, digests=digests_of(signature), now=now),
        *news_keys_of(petition_id=signature.petition_id, signature_id=signature.pk),
    ]
    rows = OutgoingMessage.objects.filter(unique_key__in=keys).order_by("created_at", "id")
    return [_sent_mail(row) for row in rows.defer("payload_sealed")]


def _sent_mail(row: OutgoingMessage) -> SentMail:
    return SentMail(
        kind=row.kind,
        state=row.state,
        owed_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        bounced_at=row.bounced_at,
    )
