"""How an event is signed and when it is tried again, by the Standard Webhooks specification. Plain Python."""

import base64
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from hashlib import sha256
from random import Random

SECRET_PREFIX = "whsec_"  # noqa: S105 # what every such secret begins with
SECRET_BYTES = 32  # the specification asks for 24 to 64
SECRET_OVERLAP = timedelta(hours=24)  # after a rotation both secrets sign for so long
# The specification's own schedule: ten attempts within a little over three days.
RETRY_DELAYS_S = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
MAX_ATTEMPTS = len(RETRY_DELAYS_S) + 1
LONGEST_REST = timedelta(minutes=5)  # of an endpoint that is under load and does not say for how long
LONGEST_WAIT = timedelta(days=1)  # whatever a receiver asks for in Retry-After
JITTER = 0.2
FAILING_FOR_GOOD = timedelta(days=2)  # nothing was taken for so long, and an event has used up its attempts
TOTAL_S = 10.0  # for everything from the look-up of the name to the status line
LOOKUP_S = 3.0
CONNECT_S = 3.0
LEASE = timedelta(seconds=30)  # longer than any attempt takes; then a killed worker's event is taken up again

GONE = 410
_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_THROTTLED = frozenset({429, 502, 503, 504})  # the receiver is under load: everything else for it rests, too


class Trouble(Enum):
    """Why an attempt failed, when no status tells it. The words go into rows and logs: they hold nothing of the URL."""

    ADDRESS_REFUSED = "address refused"
    CONNECTION_FAILED = "connection failed"
    NAME_UNKNOWN = "name not found"
    NO_ANSWER = "connection ended without an answer"
    NOT_SECURE = "certificate not trusted"
    SEALED = "cannot be opened"
    TIMEOUT = "timeout"


class Verdict(Enum):
    """What an answer means for the event and its endpoint."""

    DELIVERED = "delivered"
    TRY_AGAIN = "try again"
    THROTTLED = "throttled"
    GONE = "gone"


def make_secret() -> str:
    """This function will make a new signing secret: `whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_of(*, secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """This function will sign `id.timestamp.body` with HMAC-SHA256, as `v1,<base64>`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def signed_headers(*, secrets_in_force: Iterable[str], webhook_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """This function will write the three headers of the specification: one signature for each secret in force."""
    timestamp = int(at.timestamp())
    signatures = [
        signature_of(secret=secret, webhook_id=webhook_id, timestamp=timestamp, body=body)
        for secret in secrets_in_force
    ]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verdict_on(status: int) -> Verdict:
    """This function will tell what a status means. A redirect is a failure: it is the URL that has to be put right."""
    if status in _SUCCESS:
        return Verdict.DELIVERED
    if status == GONE:
        return Verdict.GONE
    return Verdict.THROTTLED if status in _THROTTLED else Verdict.TRY_AGAIN


def words_on(status: int) -> str:
    """This function will name a status for the people who look after the endpoint."""
    return f"HTTP {status}, a redirect" if status in _REDIRECT else f"HTTP {status}"


def retry_delay(*, attempts: int, rng: Random) -> timedelta:
    """This function will tell how long to wait after the `attempts`-th failure: 5 s, 5 min … 24 h, with jitter."""
    delay_s = RETRY_DELAYS_S[min(attempts, len(RETRY_DELAYS_S)) - 1]
    return timedelta(seconds=delay_s * rng.uniform(1 - JITTER, 1 + JITTER))


def retry_after(*, header: str, now: datetime) -> timedelta:
    """This function will read a Retry-After header, in seconds or as a date; nothing that can be read: no wait."""
    text = header.strip()
    is_number = re.fullmatch(r"\d{1,9}", text, re.ASCII)
    wait = timedelta(seconds=int(text)) if is_number else _until(text, now=now)
    return min(max(wait, timedelta()), LONGEST_WAIT)


def is_spent(*, attempts: int, is_test: bool) -> bool:
    """This function will tell whether an event was tried often enough; a test once, since somebody looks at it."""
    return is_test or attempts >= MAX_ATTEMPTS


def _until(text: str, *, now: datetime) -> timedelta:
    try:
        instant = parsedate_to_datetime(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return timedelta()
