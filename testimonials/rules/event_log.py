"""How the history of a story is sealed: each entry carries the hash of the one before it. Plain Python."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

NO_ENTRY_BEFORE = bytes(32)


@dataclass(frozen=True, kw_only=True)
class EntryFacts:
    """Everything that an entry of the log says. None of it is a story's text, an address or a network address."""

    testimonial_id: str
    number: int
    verb: str
    actor: str
    actor_pseudonym: str
    from_status: str
    to_status: str
    version: int
    revision_id: str
    reason_code: str
    at: datetime


def entry_hash(*, facts: EntryFacts, prev_hash: bytes) -> bytes:
    """This function will seal an entry to its predecessor: SHA-256 over the previous hash and the facts as JSON."""
    plain = {**vars(facts), "at": facts.at.astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(prev_hash + text.encode()).digest()
