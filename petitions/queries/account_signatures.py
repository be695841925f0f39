"""The signatures of somebody who is signed in: those of the addresses that they have proved, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress
from django.db.models import Q

from accounts.identity import identity_of
from accounts.models import User
from petitions.models import Petition, Signature
from petitions.queries.links import my_signature_token
from petitions.queries.texts import petition_titles


@dataclass(frozen=True, kw_only=True)
class OwnSignature:
    """One signature in the list: for which petition, and the link to its own page."""

    petition: Petition
    title: str
    email: str
    verified_at: datetime
    token: str


def proved_addresses(*, user: User) -> list[str]:
    """This function will list the addresses that an account has proved, the main one first."""
    proved = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "email")
    return list(proved.values_list("email", flat=True))


def signatures_of(*, addresses: Sequence[str], language: str, now: datetime) -> list[OwnSignature]:
    """
    This function will find the signatures of proved addresses, the newest first; two statements.

    They are found by the digest of their person: nothing is opened. Whether one is held or was taken off is not told,
    as on its own page.
    """
    if not addresses:
        return []
    owners = {mark: address for address in reversed(addresses) for mark in identity_of(address=address).marks}
    mine = reduce(or_, (Q(identity_version=version, identity_digest=digest) for version, digest in owners))
    rows = list(Signature.objects.filter(mine).select_related("petition").order_by("-verified_at", "-pk"))
    titles = petition_titles(petitions=[row.petition for row in rows], language=language)
    return [
        OwnSignature(
            petition=row.petition,
            title=titles[row.petition_id],
            email=owners[row.identity_version, bytes(row.identity_digest or b"")],
            verified_at=row.verified_at,
            token=my_signature_token(signature_id=row.pk, now=now),
        )
        for row in rows
    ]
