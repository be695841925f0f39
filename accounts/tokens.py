"""Signed, expiring, single-purpose links. They need no database column and reveal nothing that is not public."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare

_MARK = "~"  # between what a link says and its signature; in neither of them
# The start of the signature, 132 bits of it: a whole one would make the link 21 characters longer and nobody safer.
_SIGNATURE_CHARS = 22


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
    return f"{said}{_MARK}{_signer(purpose).signature(said)[:_SIGNATURE_CHARS]}"


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
    signer = _signer(purpose)
    whole = [signer.signature(said, key) for key in (signer.key, *signer.fallback_keys)] if mark else []
    # Links that were mailed before signatures were shortened bear a whole one.
    ours = [form for each in whole for form in (each[:_SIGNATURE_CHARS], each)]
    if not any(constant_time_compare(signature, form) for form in ours):
        raise ValueError("not signed by us")
    return said


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(sep=_MARK, salt=f"keep4o.{purpose}")
