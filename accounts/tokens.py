"""Signed, expiring, single-purpose links. They need no database column and reveal nothing that is not public."""

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest

from django.conf import settings
from django.core import signing
from django.utils.encoding import force_bytes

_MARK = "~"  # between what a link says and its signature; in neither of them
# The start of the signature, 132 bits of it: a whole one would make the link 21 characters longer and nobody safer.
_SIGNATURE_CHARS = 22
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class BadToken(Exception):
    """The link was cut, altered or made for something else."""


class ExpiredToken(BadToken):
    """The link is genuine and too old."""


@dataclass(frozen=True, kw_only=True)
class OpenedToken:
    """What a genuine link says: its fields, in the order in which they were given."""

    fields: tuple[str, ...]
    made_at: datetime


def make_token(*, purpose: str, fields: tuple[str, ...], now: datetime) -> str:
    """
    This function will sign short fields for one purpose.

    Args:    fields: URL-safe texts without "." (numbers, hex, base64url); they can be read by whoever has the link.
    Returns: 30 characters more than the fields, all of them safe in a URL and in plain text mail.
    """
    stamp = signing.b62_encode(int(now.timestamp()))
    said = ".".join((*fields, stamp))
    signature = _signature(said, purpose=purpose, secret=settings.SECRET_KEY)[:_SIGNATURE_CHARS]
    return f"{said}{_MARK}{signature.decode()}"


def open_token(*, purpose: str, token: str, max_age: timedelta | None, now: datetime) -> OpenedToken:
    """This function will check a link and return what it says; raises BadToken, or ExpiredToken past `max_age`."""
    try:
        *fields, stamp = _unsigned(purpose, token).split(".")
        made_at = datetime.fromtimestamp(signing.b62_decode(stamp), tz=now.tzinfo)
    except (OverflowError, OSError, ValueError) as error:
        raise BadToken("not a link of ours") from error
    if max_age is not None and now - made_at > max_age:
        raise ExpiredToken("the link has expired")
    return OpenedToken(fields=tuple(fields), made_at=made_at)


def _unsigned(purpose: str, token: str) -> str:
    """This function will return what a link says; raises ValueError if its signature is not ours, whole or shortened."""
    said, mark, signature = token.rpartition(_MARK)
    given = signature.encode()
    for secret in _secrets() if mark else ():
        whole = _signature(said, purpose=purpose, secret=secret)
        # Links that were mailed before signatures were shortened bear a whole one.
        if compare_digest(given, whole[:_SIGNATURE_CHARS]) or compare_digest(given, whole):
            return said
    raise ValueError("not signed by us")


def _secrets() -> Iterator[str | bytes]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _signature(said: str, *, purpose: str, secret: str | bytes) -> bytes:
    """This function will sign as Django's Signer does, which made the first links that were mailed."""
    mac = _keyed(purpose, secret).copy()
    mac.update(said.encode())
    return b2a_base64(mac.digest(), newline=False).translate(_URL_SAFE).rstrip(b"=")


@lru_cache(maxsize=256)
def _keyed(purpose: str, secret: str | bytes) -> hmac.HMAC:
    """This function will begin a signature: that is most of the work, and the same for each link."""
    key = hashlib.sha256(f"keep4o.{purpose}signer".encode() + force_bytes(secret)).digest()
    return hmac.new(key, digestmod=hashlib.sha256)
