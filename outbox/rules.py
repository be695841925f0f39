"""When a message is tried again, and which answers of a mail server end the trying. Plain Python."""

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
REFUSED_FOR_GOOD = range(500, 600)  # RFC 5321 section 4.2.1: 5yz is a permanent negative completion

SERVICE_CLOSING = 421  # RFC 5321 section 3.8: the server is about to hang up


class Outcome(Enum):
    """What an answer means for a message."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"


def outcome_of_smtp_code(code: int) -> Outcome:
    """This function will tell whether trying again may help; only 5yz says that it will not."""
    return Outcome.PERMANENT if code in REFUSED_FOR_GOOD else Outcome.TRANSIENT


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
