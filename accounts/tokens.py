"""Signed, expiring, single-purpose links. They need no database column and reveal nothing that is not public."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing


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
    Returns: about 60 characters more than the fields, all of them safe in a URL and in plain text mail.
    """
    stamp = signing.b62_encode(int(now.timestamp()))
    return _signer(purpose).sign(".".join((*fields, stamp)))


def open_token(*, purpose: str, token: str, max_age: timedelta | None, now: datetime) -> OpenedToken:
    """This function will check a link and return what it says; raises BadToken, or ExpiredToken past `max_age`."""
    try:
        *fields, stamp = _signer(purpose).unsign(token).split(".")
        made_at = datetime.fromtimestamp(signing.b62_decode(stamp), tz=now.tzinfo)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken("not a link of ours") from error
    if max_age is not None and now - made_at > max_age:
        raise ExpiredToken("the link has expired")
    return OpenedToken(fields=tuple(fields), made_at=made_at)


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(sep="~", salt=f"keep4o.{purpose}")
