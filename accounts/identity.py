"""The keyed digest that tells whether two addresses belong to one person without keeping either of them."""

from accounts.rules import canonical_address
from outbox.digests import keyed_digest

DIGEST_BYTES = 32


def identity_digest(*, address: str, purpose: str = "identity") -> bytes:
    """
    This function will digest the canonical form of a valid address with the site's identity key (BLAKE2b, 32 bytes).

    `purpose` parts the digests of different lists, so that no join of two tables tells who is on both.
    """
    return keyed_digest(text=canonical_address(address), purpose=purpose)
