"""The secret of a team's program: how it looks and what of it is kept."""

import hashlib
import secrets

PREFIX = "k4o_"  # lets secret scanners recognise a leaked token
_SECRET_BYTES = 32


def make_secret() -> str:
    """This function will make a new secret: `k4o_` and 43 characters of base64url."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def secret_digest(secret: str) -> bytes:
    """
    This function will digest a secret for keeping and finding.

    Plain SHA-256: 256 random bits cannot be guessed, so that no salt or slow hash is needed (NIST SP 800-63B, 5.1.2.2).
    """
    return hashlib.sha256(secret.encode()).digest()
