"""The keyed digest that tells whether two addresses belong to one person without keeping either of them."""

import hashlib
import hmac

from django.conf import settings

from accounts.rules import canonical_address

DIGEST_BYTES = 32


def identity_digest(*, address: str, purpose: str = "identity") -> bytes:
    """
    This function will digest the canonical form of a valid address with the site's identity key (BLAKE2b, 32 bytes).

    `purpose` parts the digests of different lists, so that no join of two tables tells who is on both.
    """
    return keyed_digest(text=canonical_address(address), purpose=purpose)


def keyed_digest(*, text: str, purpose: str) -> bytes:
    """This function will digest any text with the site's identity key for one purpose."""
    key = hashlib.blake2b(settings.IDENTITY_KEY.encode(), person=purpose.encode()[:16]).digest()
    return hmac.digest(key, text.encode(), "sha256")
