"""Who may sign and prove, when, and under what name. Plain Python."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

MAILS_PER_DAY = 3
NAME_MAX_CHARS = 80
ADDRESS_MAX_CHARS = 254  # RFC 5321, with erratum 1690
_NEVER_PUBLISHED = ("draft", "scheduled")
# A name that a spreadsheet would read as a formula, or that would make our mail carry somebody's advertisement.
_FORMULA_SIGNS = ("=", "+", "-", "@")
# Endings that no initials and no "Dr.Smith" have; any other ending only where a path follows ("t.me/prize").
_ENDINGS = (
    "com|net|org|info|biz|io|ru|cn|xyz|top|site|online|link|click|shop|app|dev|ai|gg|ly|"
    "icu|buzz|bet|casino|vip|club|store|cyou|sbs|monster|tk|cc"
)
_WEB_ADDRESS = re.compile(
    rf"://|\bwww\.|\bhxxps?\b|[a-z0-9-][.\u3002](?:{_ENDINGS})\b|[a-z0-9-][.\u3002][a-z]{{2,}}/"
    rf"|[\[(](?:\.|dot)[\])]|\bdot\s(?:{_ENDINGS})\b|[^\s@]@[^\s@]+[.\u3002][a-z]{{2,}}",
    re.IGNORECASE,
)


class NameProblem(StrEnum):
    """Why a name is not taken."""

    FORMULA = "formula"
    WEB_ADDRESS = "web_address"


class ProofState(StrEnum):
    """What a genuine link to prove an attempt is good for."""

    READY = "ready"
    PROVED = "proved"  # by this link or another one of the same person
    EXPIRED = "expired"
    TOO_LATE = "too_late"  # the petition has closed for good


def takes_signatures(*, state: str, closes_at: datetime | None, now: datetime) -> bool:
    """This function will tell whether a petition takes new attempts to sign."""
    return state == "open" and (closes_at is None or now < closes_at)


def takes_proofs(*, state: str, closes_at: datetime | None, grace: timedelta, now: datetime) -> bool:
    """
    This function will tell whether a link that was mailed still proves a signature.

    It does while the petition is paused, for a pause stops new attempts and breaks no promise already made, and for
    `grace` after closing.
    """
    return state not in _NEVER_PUBLISHED and (closes_at is None or now <= closes_at + grace)


def proof_deadline(*, made_at: datetime, typed_at: datetime, lifetime: timedelta, retention: timedelta) -> datetime:
    """This function will find the last instant at which a link proves: its own end, or when what was typed is deleted."""
    return min(made_at + lifetime, typed_at + retention)


def name_problem(name: str) -> NameProblem | None:
    """This function will find what keeps a cleaned text from being a name, or None."""
    folded = unicodedata.normalize("NFKC", name)  # a full-width = is a formula to a spreadsheet, too
    if folded.startswith(_FORMULA_SIGNS):
        return NameProblem.FORMULA
    return NameProblem.WEB_ADDRESS if _WEB_ADDRESS.search(folded) else None
