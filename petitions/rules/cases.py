"""What a case may ask for: the conditions under which rows belong to it. Plain Python."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

MOST_MEMBERS = 200_000  # what one preview may find: more is a window to be narrowed, not one act to be answered for
ANY_REASON = "any"
FORGOTTEN = "forgotten"  # stands where a network's digest was, once that may be kept no longer
# Below so many rows a mail domain may be somebody's own, so that its name would be a person's.
SMALLEST_NAMED_CLUSTER = 5


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """
    All of them must hold for a row; None and "" ask for nothing.

    `domain`, `network`: digests in hexadecimal.  `held`: ANY_REASON or one of models.HeldReason, "" also finds what
    counts.  `since`, `until`: of the proof; of the attempt for what is not proved. `until` itself is left out.
    """

    domain: str = ""
    network: str = ""
    name_shape: str = ""
    country: str = ""
    held: str = ""
    form_age_below_s: int | None = None
    proof_below_s: int | None = None  # from the attempt to its proof
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not self.as_json()

    def as_json(self) -> dict[str, Any]:
        """This function will write down what is asked for, and nothing of what is not."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        written = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()}
        return {name: value for name, value in written.items() if value not in ("", None)}

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "Conditions":
        """This function will read what `as_json` wrote."""
        read = dict(written)
        for name in ("since", "until"):
            if name in read:
                read[name] = datetime.fromisoformat(read[name])
        return cls(**read)
