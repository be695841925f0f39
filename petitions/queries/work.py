"""The proof of work: how much is asked for, a challenge to work on, and whether a solution is one (ALTCHA, version 2)."""

import json
import secrets
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import altcha
from django.conf import settings

from accounts.throttling import Counter, recent_count
from outbox.digests import keyed_digest
from outbox.models import SwitchName
from outbox.switches import switch_state
from petitions.rules.work import ROUNDS_PER_TRY, tries_at, work_level

ALGORITHM = "PBKDF2/SHA-256"
MAX_PAYLOAD_CHARS = 4_000
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class ProvedWork:
    """A solution that is right; `nonce` is its challenge's, which may be used once."""

    nonce: str


def attempt_counter(*, slug: str) -> Counter:
    """This function will name what counts the attempts for a petition."""
    return Counter(name=f"attempts:{slug[:100]}", length=_MINUTE)


def level_at(*, per_minute: float) -> int:
    """This function will say how much work is asked for at a rate of attempts, and by staff at least."""
    floor = switch_state(SwitchName.PROOF_OF_WORK).level
    return work_level(per_minute=per_minute, calm_rate=settings.WORK_CALM_RATE, floor=floor)


def asked_work(*, slug: str, now: datetime) -> int:
    """This function will say how much work a petition's form asks for now, by one question to Valkey."""
    return level_at(per_minute=recent_count(counter=attempt_counter(slug=slug), now=now))


def make_challenge(*, slug: str, level: int, now: datetime) -> dict[str, Any]:
    """This function will make a challenge for one petition, of a level from 1; it is kept nowhere, but signed."""
    least, most = tries_at(level)
    challenge = altcha.create_challenge(
        ALGORITHM,
        ROUNDS_PER_TRY,
        counter=least + secrets.randbelow(most - least),
        expires_at=now + settings.WORK_LIFETIME,
        data={"petition": slug},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("solution"),
    )
    return challenge.to_dict()


def proved_work(*, slug: str, payload: str) -> ProvedWork | None:
    """This function will check a solution that came with a form; None for none, a wrong, an old or another petition's."""
    given = _opened(payload)
    if given is None or given.challenge.parameters.data != {"petition": slug}:
        return None
    secret, key_secret = _secret("challenge"), _secret("solution")
    result = altcha.verify_solution(given, secret, hmac_key_secret=key_secret)
    return ProvedWork(nonce=given.challenge.parameters.nonce) if result.verified else None


def _opened(payload: str) -> altcha.Payload | None:
    if not payload or len(payload) > MAX_PAYLOAD_CHARS:
        return None
    try:
        return altcha.Payload.from_dict(json.loads(b64decode(payload, validate=True)))
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _secret(purpose: str) -> bytes:
    return keyed_digest(text=purpose, purpose="altcha")
