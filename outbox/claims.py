"""The rows of a delivery: which messages leave next, what bulk mail makes way for, and which ones have left."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from outbox.flights import Statement
from outbox.models import MessagePriority, OutgoingMessage
from outbox.prepared import run_prepared
from outbox.rows import RowText
from outbox.rules import LONGEST_OUTAGE_DELAY

# OutgoingMessageQuerySet.due, without building it anew for each batch; and only what a delivery looks at.
_CLAIMED = RowText(
    OutgoingMessage,
    only=(
        "id",
        "kind",
        "unique_key",
        "language",
        "payload_sealed",
        "priority",
        "state",
        "attempts",
        "due_at",
        "created_at",
    ),
)
_CLAIM = f"""
SELECT {_CLAIMED.columns} FROM outbox_outgoingmessage
WHERE state = 'due' AND (due_at <= %(now)s OR (attempts = 0 AND due_at = created_at))
ORDER BY priority, due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 # names, no input
_NOTE_SENT = Statement("""
UPDATE outbox_outgoingmessage SET state = 'sent', sent_at = %(now)s, last_error = '', attempts = attempts + 1
WHERE id = ANY(%(ids)s::bigint[])
""")
# It is due, or an outage put it off untried and it comes back soon.
_BEFORE_BULK = Statement("""
SELECT 1 FROM outbox_outgoingmessage
WHERE state = 'due' AND priority < %(bulk)s AND id <> ALL(%(left)s::bigint[])
    AND (due_at <= %(now)s OR (attempts = 0 AND due_at <= %(untried_by)s))
LIMIT 1
""")


def claim_due(*, now: datetime, limit: int) -> list[OutgoingMessage]:
    """This function will take the most urgent due messages that nobody else has, until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "limit": limit})
        return [_CLAIMED.instance_of(row) for row in cursor.fetchall()]


def is_anybody_waiting(*, present: datetime, left: Collection[int]) -> bool:
    """This function will tell whether a mail that is no bulk mail is due, or soon; those numbered `left` have left already."""
    asked = {
        "bulk": MessagePriority.BULK,
        "now": present,
        "untried_by": present + LONGEST_OUTAGE_DELAY,
        "left": list(left),
    }
    return run_prepared(_BEFORE_BULK, asked) is not None


def note_sent(*, ids: Collection[int], now: datetime) -> None:
    """This function will note of claimed messages, by their numbers, that they have left."""
    run_prepared(_NOTE_SENT, {"ids": list(ids), "now": now})
