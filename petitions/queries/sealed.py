"""Opens what is sealed in a signature or an attempt, for its owner and for the mail to its owner."""

from outbox.sealing import unseal
from petitions.models import PendingSignature, Signature

EMAIL_PURPOSE = "signature.email"
NAME_PURPOSE = "signature.name"


def email_of(row: PendingSignature | Signature) -> str:
    """This function will open the address of a row, or return an empty text after its erasure."""
    return "" if row.email_sealed is None else unseal(sealed=bytes(row.email_sealed), purpose=EMAIL_PURPOSE)


def name_of(row: PendingSignature | Signature) -> str:
    """This function will open the name of a row, or return an empty text after its erasure."""
    return "" if row.name_sealed is None else unseal(sealed=bytes(row.name_sealed), purpose=NAME_PURPOSE)
