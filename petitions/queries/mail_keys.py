"""By which keys the outbox knows the mails of the signing path: to count them, to show them to their owner, to forget them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from accounts.identity import identity_of
from outbox.digests import keyed_digest
from petitions.models import Milestone, Petition, Signature
from petitions.queries.sealed import email_of
from petitions.rules.signing import MAILS_PER_DAY

_DAY = timedelta(days=1)


def mail_keys(*, slug: str, digest: bytes, day: date) -> list[str]:
    """
    This function will name the mails that one person may get on a day for one petition, in the order of their use.

    They are counted in the outbox, since the attempts are deleted by a proof, and a stranger could count anew after it.
    The digest is keyed for the day and petition, so that no two days' rows tell that they are for one person.
    """
    text = f"{slug} {day.isoformat()} {digest.hex()}"
    person_today = keyed_digest(text=text, purpose="signing-mail").hex()[:40]
    return [f"sign:{person_today}:{number}" for number in range(1, MAILS_PER_DAY + 1)]


def confirmation_key(*, signature_id: int) -> str:
    """This function will name the mail that says a signature counts."""
    return f"signature-confirmed:{signature_id}"


def news_key(*, milestone_id: int, signature_id: int) -> str:
    """This function will name the mail that tells one supporter of one milestone."""
    return f"milestone_news:{milestone_id}:signature:{signature_id}"


def news_keys_of(*, petition_id: int, signature_id: int) -> list[str]:
    """This function will name all news that one supporter may have been sent; one statement."""
    milestones = Milestone.objects.filter(petition_id=petition_id).order_by("pk").values_list("pk", flat=True)
    return [news_key(milestone_id=milestone_id, signature_id=signature_id) for milestone_id in milestones]


def digests_of(signature: Signature) -> frozenset[bytes]:
    """
    This function will name every digest by which the person of a signature was ever known.

    Rules about mail domains change, and rows are keyed anew with them; the keys of yesterday's mails are not.
    """
    address = email_of(signature)
    former = identity_of(address=address).digests if address else frozenset()
    return former | {bytes(signature.identity_digest or b"")}


def attempt_keys_of(*, petition: Petition, digests: Iterable[bytes], now: datetime) -> list[str]:
    """
    This function will name every mail that one person may ever have been sent for trying to sign a petition.

    Three for each day since it was made, known from nothing but the digest: about a thousand for a year.
    """
    days = list(_days_of(petition, now=now))
    return [key for digest in digests for day in days for key in mail_keys(slug=petition.slug, digest=digest, day=day)]


def _days_of(petition: Petition, *, now: datetime) -> Iterator[date]:
    # A day more at both ends: the clocks of two servers may differ, and an opening may be dated back.
    instants = [petition.created_at, petition.opens_at or now]
    day, last = min(instants).date() - _DAY, now.date() + _DAY
    while day <= last:
        yield day
        day += _DAY
