"""Keyed digests: they tell whether two texts are the same one, to whoever has the key, and nothing else to anybody."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

DOMAIN_PURPOSE = "mail-domain"
ADDRESS_PURPOSE = "mail-address"


def keyed_digest(*, text: str, purpose: str) -> bytes:
    """
    This function will digest any text with the site's identity key for one purpose (BLAKE2b key, HMAC-SHA-256, 32 bytes).

    Purposes part the digests of different lists, so that no join of two tables tells who is on both.
    """
    return _digest(text, purpose, settings.IDENTITY_KEY)


def domain_of(address: str) -> str:
    """This function will name the mail domain of an address in lower case."""
    return address.rpartition("@")[2].strip().rstrip(".").lower()


def domain_digest(*, address: str) -> bytes:
    """This function will digest the mail domain of an address: rows of one provider can be counted without naming it."""
    return _remembered_digest(domain_of(address), DOMAIN_PURPOSE, settings.IDENTITY_KEY)


def address_digest(*, address: str) -> bytes:
    """This function will digest an address as typed, in lower case: what the suppression list knows of it."""
    return keyed_digest(text=address.strip().lower(), purpose=ADDRESS_PURPOSE)


def _digest(text: str, purpose: str, identity_key: str) -> bytes:
    mac = _keyed(purpose, identity_key).copy()
    mac.update(text.encode())
    return mac.digest()


_remembered_digest = lru_cache(maxsize=1024)(_digest)  # of domains: most people share theirs with many


@lru_cache(maxsize=64)
def _keyed(purpose: str, identity_key: str) -> hmac.HMAC:
    """This function will begin a digest: that is most of the work, and the same for each text."""
    key = hashlib.blake2b(identity_key.encode(), person=purpose.encode()[:16]).digest()
    return hmac.new(key, digestmod=hashlib.sha256)
