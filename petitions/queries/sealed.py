"""What is sealed in a signature or an attempt, and opening it for its owner and for the mail to its owner."""

import json
from dataclasses import dataclass, field

from outbox.resealing import SealedColumn, SealedTable
from outbox.sealing import seal, unseal
from petitions.models import PendingSignature, Signature

EMAIL_PURPOSE = "signature.email"
NAME_PURPOSE = "signature.name"
DETAILS_PURPOSE = "signature.details"
_ENCODER = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make one for each text
_COLUMNS = (
    SealedColumn(name="email_sealed", purpose=EMAIL_PURPOSE),
    SealedColumn(name="name_sealed", purpose=NAME_PURPOSE),
    SealedColumn(name="details_sealed", purpose=DETAILS_PURPOSE),
)
SEALED_TABLES = (
    SealedTable(model=PendingSignature, columns=_COLUMNS),  # before the signatures, which copy from it
    SealedTable(model=Signature, columns=_COLUMNS),
)


def email_of(row: PendingSignature | Signature) -> str:
    """This function will open the address of a row, or return an empty text after its erasure."""
    return "" if row.email_sealed is None else unseal(sealed=bytes(row.email_sealed), purpose=EMAIL_PURPOSE)


def name_of(row: PendingSignature | Signature) -> str:
    """This function will open the name of a row, or return an empty text after its erasure."""
    return "" if row.name_sealed is None else unseal(sealed=bytes(row.name_sealed), purpose=NAME_PURPOSE)


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a person said beside name and address; texts are "" where nothing was said."""

    postcode: str = ""
    comment: str = ""
    answers: dict[str, str] = field(default_factory=dict)  # question id -> short text

    def sealed(self) -> bytes | None:
        """This function will seal what was said, or return None if that is nothing."""
        said = {key: value for key, value in vars(self).items() if value}
        return seal(text=_ENCODER.encode(said), purpose=DETAILS_PURPOSE) if said else None


def details_of(row: PendingSignature | Signature) -> Details:
    """This function will open what else a row's person said; empty after an erasure."""
    if row.details_sealed is None:
        return Details()
    return Details(**json.loads(unseal(sealed=bytes(row.details_sealed), purpose=DETAILS_PURPOSE)))
