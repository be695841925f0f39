"""What is sealed in a signature or an attempt, and opening it for its owner and for the mail to its owner."""

from outbox.resealing import SealedColumn, SealedTable
from outbox.sealing import unseal
from petitions.models import PendingSignature, Signature

EMAIL_PURPOSE = "signature.email"
NAME_PURPOSE = "signature.name"
_COLUMNS = (
    SealedColumn(name="email_sealed", purpose=EMAIL_PURPOSE),
    SealedColumn(name="name_sealed", purpose=NAME_PURPOSE),
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
