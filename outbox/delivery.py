"""
The only code that opens a connection to a mail server: it turns due rows into messages and notes what became of them.

One transaction a batch: a deliverer killed at any instant leaves at most one batch to be sent again, each message with
the Message-ID that it had before. Rows are locked while the server answers, hence small batches and a time budget.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from outbox.claims import claim_due, is_anybody_waiting, note_sent
from outbox.composing import compose_for
from outbox.digests import address_digest
from outbox.forgetting import is_to_be_forgotten
from outbox.mime import Mail
from outbox.models import MessagePriority, MessageState, OutgoingMessage, Payload, SwitchName
from outbox.refusals import SENDING_ERRORS, Refusal, provider_id_of, refusal_in, refusal_of
from outbox.rules import FAILED_PAYLOAD_RETENTION, Outcome, is_spent, outage_delay, retry_delay
from outbox.sealing import CannotUnseal
from outbox.smtp import EmailBackend
from outbox.suppression import suppressed_among
from outbox.switches import switch_state

logger = logging.getLogger(__name__)
BATCH_SIZE = 25
BATCH_BUDGET_S = 15.0  # after it no further message of the batch is begun; the rest is released, still due


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What became of one batch. `server_lost`: the mail server or provider went away, or never answered."""

    sent: int = 0
    failed: int = 0
    delayed: int = 0
    suppressed: int = 0
    server_lost: bool = False
    overdue_s: float = field(default=0.0, compare=False)  # for how long its most urgent message had been due

    @property
    def is_empty(self) -> bool:
        return not (self.sent or self.failed or self.delayed or self.suppressed)

    @property
    def may_have_more(self) -> bool:
        return not self.is_empty and not self.server_lost


@dataclass(kw_only=True)
class _Letter:
    """A claimed row with what it keeps sealed; no payload: it does not open."""

    message: OutgoingMessage
    payload: Payload | None
    _mail: Mail | None = None

    @property
    def may_be_announced(self) -> bool:
        return self.payload is not None and self.message.priority != MessagePriority.BULK  # which has yet to yield

    def mail(self) -> Mail:
        """This function will compose the mail, once; raises CannotUnseal or whatever composing raises."""
        if self.payload is None:
            raise CannotUnseal
        if self._mail is None:
            self._mail = compose_for(self.message, self.payload)
        return self._mail


@dataclass(kw_only=True)
class _Batch:
    """What every letter of a batch shares."""

    connection: Any
    now: datetime
    rng: Random
    began_at: float  # on the monotonic clock
    left: list[OutgoingMessage] = field(default_factory=list)  # sent, and not noted in their rows yet
    left_before_call: int = -1  # how many mails had left when a server that hung up was last called anew

    @property
    def is_over_budget(self) -> bool:
        return time.monotonic() >= self.began_at + BATCH_BUDGET_S

    @property
    def present(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began_at)


@contextmanager
def way_out() -> Iterator[Any]:
    """This function will lend the way to the mail server or provider: opened for the first mail, closed at the end."""
    connection = get_connection()
    try:
        yield connection
    finally:
        _close(connection)


def deliver_batch(
    *, now: datetime, limit: int = BATCH_SIZE, rng: Random | None = None, connection: Any = None
) -> DeliveryReport:
    """
    This function will send the most urgent due messages over one connection; parallel calls take different rows.

    Args:    now: aware UTC instant; a message due later stays.  limit: rows locked at once.
             connection: that of a `way_out`, for several batches; without it one of the batch's own.
    Returns: how many were sent, refused for good, put off and kept from suppressed addresses; all zero when none is due.
    Writes:  state, attempts, due_at, sent_at, provider_id and last_error of the rows taken.
    """
    with nullcontext(connection) if connection else way_out() as opened, transaction.atomic():
        # A seeded one comes from tests; jitter keeps no secret.
        batch = _Batch(connection=opened, now=now, rng=rng or Random(), began_at=time.monotonic())  # noqa: S311
        return _deliver_all(claim_due(now=now, limit=limit), batch)


def purge_payloads(*, now: datetime) -> int:
    """This function will empty what delivered and long-failed messages knew of a person; returns how many rows."""
    remembering = OutgoingMessage.objects.exclude(payload_sealed=None, domain_digest=None)
    long_ago = now - settings.DELIVERED_MESSAGE_RETENTION
    sent = remembering.filter(sent_at__lte=long_ago)
    failed = remembering.failed().filter(due_at__lte=now - FAILED_PAYLOAD_RETENTION)
    suppressed = remembering.filter(state=MessageState.SUPPRESSED, due_at__lte=long_ago)
    return sum(rows.update(payload_sealed=None, domain_digest=None) for rows in (sent, failed, suppressed))


def _deliver_all(claimed: list[OutgoingMessage], batch: _Batch) -> DeliveryReport:
    endings: Counter[MessageState] = Counter()
    overdue_s = (batch.now - claimed[0].due_at).total_seconds() if claimed else 0.0  # before a retry is planned
    waiting = _without_suppressed([_Letter(message=message, payload=_payload_of(message)) for message in claimed])
    endings[MessageState.SUPPRESSED] = len(claimed) - len(waiting)
    trouble = ""
    while waiting and not trouble and not batch.is_over_budget and not _yields(waiting[0], batch):
        trouble = _deliver_next(waiting, batch, endings)
    _note_all_sent(batch)
    if trouble:
        endings[MessageState.DUE] += _put_off(waiting, trouble, batch)
    return DeliveryReport(
        sent=endings[MessageState.SENT],
        failed=endings[MessageState.FAILED],
        delayed=endings[MessageState.DUE],
        suppressed=endings[MessageState.SUPPRESSED],
        server_lost=bool(trouble),
        overdue_s=overdue_s,
    )


def _without_suppressed(letters: list[_Letter]) -> deque[_Letter]:
    digests = [address_digest(address=letter.payload.recipient) if letter.payload else b"" for letter in letters]
    unwanted = suppressed_among(digests=[digest for digest in digests if digest])
    kept: deque[_Letter] = deque()
    for letter, digest in zip(letters, digests, strict=True):
        if digest in unwanted:
            _mark_suppressed(letter.message)
        else:
            kept.append(letter)
    return kept


def _yields(letter: _Letter, batch: _Batch) -> bool:
    """This function will tell whether bulk mail has to wait: it was stopped, or somebody waits for a mail right now."""
    if letter.message.priority != MessagePriority.BULK:
        return False
    left = [message.pk for message in batch.left]
    return switch_state(SwitchName.STOP_BULK_MAIL).is_on or is_anybody_waiting(present=batch.present, left=left)


def _deliver_next(waiting: deque[_Letter], batch: _Batch, endings: Counter[MessageState]) -> str:
    """This function will send the first letter and note how it ended; returns why the connection can take no other."""
    if trouble := _open(batch.connection):
        return trouble
    letter = waiting.popleft()
    if is_to_be_forgotten(message_id=letter.message.pk):
        return ""  # its person left after the row was claimed; the clock empties it after this batch
    _announce_next(waiting, batch)
    refusal = _send(letter, batch.connection)
    if refusal is not None and refusal.outcome is Outcome.OUTAGE:
        waiting.appendleft(letter)  # as untried as the rest
        return refusal.error
    if refusal is not None and refusal.is_farewell and _calls_anew(batch):
        waiting.appendleft(letter)
        return ""
    _note(letter.message, refusal, batch)
    endings[MessageState(letter.message.state)] += 1
    return refusal.error if refusal is not None and refusal.ends_connection else ""


def _announce_next(waiting: deque[_Letter], batch: _Batch) -> None:
    if waiting and waiting[0].may_be_announced and isinstance(batch.connection, EmailBackend):
        with suppress(Exception):  # what is wrong with a mail is noted in its own turn
            batch.connection.announce(waiting[0].mail())


def _calls_anew(batch: _Batch) -> bool:
    """This function will take up with a server that hung up; false: it does not want to, or took no mail since the last call."""
    if batch.left_before_call == len(batch.left):
        return False
    batch.left_before_call = len(batch.left)
    _close(batch.connection)
    return not _open(batch.connection)


def _open(connection: Any) -> str:
    try:
        connection.open()  # does nothing when it is open
    except OSError as error:  # smtplib's errors are OSErrors
        logger.warning("mail_server_unreachable", extra={"error": type(error).__name__})
        return type(error).__name__
    return ""


def _close(connection: Any) -> None:
    with suppress(OSError):  # a server that will not even say goodbye has taken the messages all the same
        connection.close()


def _send(letter: _Letter, connection: Any) -> Refusal | None:
    try:
        mail = letter.mail()
    except Exception as error:  # noqa: BLE001 # a template can fail in any way, and only its own message must
        return Refusal(error=type(error).__name__, outcome=Outcome.PERMANENT)
    try:
        connection.send_messages([mail])
    except SENDING_ERRORS as error:
        return refusal_of(error)
    letter.message.provider_id = provider_id_of(mail)
    return refusal_in(mail)


def _payload_of(message: OutgoingMessage) -> Payload | None:
    try:
        return message.payload()
    except CannotUnseal:
        return None


def _note(message: OutgoingMessage, refusal: Refusal | None, batch: _Batch) -> None:
    message.attempts += 1
    if refusal is None:
        message.state = MessageState.SENT
        batch.left.append(message)
    elif refusal.outcome is Outcome.PERMANENT or is_spent(attempts=message.attempts):
        _mark_failed(message, refusal.error)
    else:
        _mark_delayed(message, refusal.error, batch)


def _note_all_sent(batch: _Batch) -> None:
    """This function will note all that left of a batch at once: a statement for each would cost as much as its mail."""
    if not batch.left:
        return
    note_sent(ids=[message.pk for message in batch.left], now=batch.now)
    OutgoingMessage.objects.bulk_update([message for message in batch.left if message.provider_id], ["provider_id"])


def _mark_suppressed(message: OutgoingMessage) -> None:
    # The domain stays for a week, for the figures; to whom and what it was is of no more use.
    message.state = MessageState.SUPPRESSED
    message.payload_sealed = None
    message.last_error = ""
    message.save(update_fields=["state", "payload_sealed", "last_error"])


def _mark_failed(message: OutgoingMessage, error: str) -> None:
    message.state = MessageState.FAILED
    message.last_error = error
    message.save(update_fields=["state", "attempts", "last_error", "provider_id"])
    logger.warning("message_failed", extra={"message_id": message.pk, "kind": message.kind, "error": error})


def _mark_delayed(message: OutgoingMessage, error: str, batch: _Batch) -> None:
    _put_back(message, batch.now + retry_delay(attempts=message.attempts, rng=batch.rng))
    message.last_error = error
    message.save(update_fields=["due_at", "attempts", "last_error", "provider_id"])


def _put_off(untried: deque[_Letter], trouble: str, batch: _Batch) -> int:
    # These were not tried: their attempts stay, so that no outage, however long, makes a message fail.
    for letter in untried:
        _put_back(letter.message, batch.now + outage_delay(rng=batch.rng))
        letter.message.last_error = trouble
        letter.message.save(update_fields=["due_at", "last_error"])
    return len(untried)


def _put_back(message: OutgoingMessage, until: datetime) -> None:
    message.due_at = max(until, message.created_at)  # whose clock may be ahead of ours
