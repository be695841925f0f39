"""When a message is tried again, and which answers of a mail server or provider end the trying. Plain Python."""

import re
from datetime import timedelta
from enum import Enum
from random import Random

MAX_ATTEMPTS = 12  # with the delays below: a little over a day, longer than most mail servers are ever down
FIRST_RETRY_DELAY_S = 10
MAX_RETRY_DELAY_S = 6 * 3600
RETRY_DELAY_FACTOR = 3
OUTAGE_DELAY_S = 30  # for messages that never reached a server; it is asked again soon, for somebody may be waiting
FAILED_PAYLOAD_RETENTION = timedelta(days=30)  # as long as somebody may still press "try again"
JITTER = 0.25  # a quarter up or down, so that what failed together does not come back together
LONGEST_OUTAGE_DELAY = timedelta(seconds=OUTAGE_DELAY_S * (1 + JITTER))
REFUSED_FOR_GOOD = range(500, 600)  # RFC 5321 section 4.2.1: 5yz is a permanent negative completion

SERVICE_CLOSING = 421  # RFC 5321 section 3.8: the server is about to hang up

DELIVERY_EVENT_RETENTION = timedelta(days=90)  # a complaint comes within weeks; after that, nobody asks
UNMATCHED_EVENT_PATIENCE = timedelta(days=1)  # an event may overtake the commit of its message, by seconds

# RFC 9110: what is wrong with the site's account, address or pace, or with the provider; never with one message.
_NOBODYS_MESSAGE = frozenset({401, 402, 403, 404, 405, 407, 408, 425, 429})
_TOO_LARGE = 413
_PROVIDER_BROKEN = range(500, 600)
# RFC 3463: a sender that is not believed (1.7, 1.8), a full mailbox (2.2), a message too long (2.3); and, as a whole
# subject, the mail system (3) and policy (7), which is where spam filters speak.
_NOT_THE_ADDRESS = frozenset({(1, 7), (1, 8), (2, 2), (2, 3)})
_NOT_THE_ADDRESS_SUBJECTS = frozenset({3, 7})
_ENHANCED_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_BASIC_CODE = re.compile(r"^\D{0,20}\b([245])\d\d\b")


class Outcome(Enum):
    """What an answer means for a message."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    OUTAGE = "outage"  # nothing is wrong with the message: the attempt does not count, and the batch ends


class Bounce(Enum):
    """What a bounce says of the address that it came from."""

    MAILBOX_GONE = "gone"
    PASSING = "passing"  # full, slow, greylisted, or a filter that dislikes us: the person may still be there


def outcome_of_smtp_code(code: int) -> Outcome:
    """This function will tell whether trying again may help; only 5yz says that it will not."""
    return Outcome.PERMANENT if code in REFUSED_FOR_GOOD else Outcome.TRANSIENT


def outcome_of_http_status(status: int | None) -> Outcome:
    """
    This function will tell what a provider's refusal means; None: no answer came.

    400 and 422 do not say whether the sender or the recipient is meant. A sender that is not verified yet must not fail
    every message for good, so such a message is tried again as often as any other.
    """
    if status in _NOBODYS_MESSAGE:
        return Outcome.OUTAGE
    return Outcome.PERMANENT if status == _TOO_LARGE else Outcome.TRANSIENT


def ends_talk_with_provider(status: int | None) -> bool:
    """This function will tell whether the next message would meet the same refusal, so that the batch had better end."""
    return status is None or status in _NOBODYS_MESSAGE or status in _PROVIDER_BROKEN


def meaning_of_bounce(*, words: str, answer: str) -> Bounce:
    """
    This function will tell whether a bounce means that a mailbox is gone: only then do we stop writing to it.

    A spam filter's refusal is about us, a full mailbox about today. Where no code is told, the provider's word holds.
    Args:  words: how the provider names the kind of bounce.  answer: what the mailbox's server said.
    """
    if "soft" in words.lower():
        return Bounce.PASSING
    if code := _ENHANCED_CODE.search(answer):
        kind, subject, detail = (int(part) for part in code.groups())
        is_passing = kind != 5 or subject in _NOT_THE_ADDRESS_SUBJECTS or (subject, detail) in _NOT_THE_ADDRESS
        return Bounce.PASSING if is_passing else Bounce.MAILBOX_GONE
    basic = _BASIC_CODE.search(answer)
    return Bounce.PASSING if basic and basic[1] == "4" else Bounce.MAILBOX_GONE


def retry_delay(*, attempts: int, rng: Random) -> timedelta:
    """
    This function will tell how long to wait after the `attempts`-th failure: 10 s, 30 s, 90 s … 6 h, with jitter.

    Args: attempts: how often it was tried, 1 or more.
    """
    exponent = min(attempts - 1, MAX_ATTEMPTS)
    delay_s = min(FIRST_RETRY_DELAY_S * RETRY_DELAY_FACTOR**exponent, MAX_RETRY_DELAY_S)
    return _jittered(delay_s, rng)


def outage_delay(*, rng: Random) -> timedelta:
    """This function will tell how long to leave a message that was not tried, because no server answered."""
    return _jittered(OUTAGE_DELAY_S, rng)


def _jittered(delay_s: float, rng: Random) -> timedelta:
    return timedelta(seconds=delay_s * rng.uniform(1 - JITTER, 1 + JITTER))


def is_spent(*, attempts: int) -> bool:
    """This function will tell whether a message was tried so often that it now counts as failed."""
    return attempts >= MAX_ATTEMPTS


def one_line(text: str) -> str:
    """This function will fold white space, line ends included, into single spaces: a subject is one header line."""
    return " ".join(text.split())
