"""
Seals what identifies a person before it reaches a table, and opens it again for the one who may.

A sealed value is `version byte | key id length | key id | 12-byte nonce | AES-256-GCM ciphertext`. The purpose is
authenticated with it, so that a value copied from one column into another does not open there.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = 1
_NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The value was sealed for another purpose, with a key that is gone, or was altered."""


def seal(*, text: str, purpose: str) -> bytes:
    """This function will encrypt `text` with the newest key for one purpose (a column's name, say)."""
    keys = settings.ENCRYPTION_KEYS
    key_id, *_ = keys
    nonce = os.urandom(_NONCE_BYTES)
    return key_header(key_id) + nonce + _cipher(keys[key_id]).encrypt(nonce, text.encode(), purpose.encode())


def unseal(*, sealed: bytes, purpose: str) -> str:
    """This function will open what `seal` made for the same purpose, or raise CannotUnseal."""
    sealed = bytes(sealed)
    key = settings.ENCRYPTION_KEYS.get(key_id_of(sealed=sealed))
    if sealed[0] != _VERSION or key is None:
        raise CannotUnseal("no key for this value")
    nonce_at = 2 + sealed[1]
    body_at = nonce_at + _NONCE_BYTES
    try:
        return _cipher(key).decrypt(sealed[nonce_at:body_at], sealed[body_at:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise CannotUnseal("the value does not open") from error


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache(maxsize=8)
def key_header(key_id: str) -> bytes:
    """This function will write what every value sealed with a key begins with, and no value of another key does."""
    encoded = key_id.encode()
    return bytes([_VERSION, len(encoded)]) + encoded


def key_id_of(*, sealed: bytes) -> str:
    """This function will tell which key sealed a value, so that rotation finds the old ones, or raise CannotUnseal."""
    try:
        return bytes(sealed)[2 : 2 + sealed[1]].decode()
    except (IndexError, UnicodeDecodeError) as error:
        raise CannotUnseal("this was never sealed") from error
