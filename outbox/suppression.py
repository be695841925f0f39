"""
The addresses that get no mail of this site: their mailbox is gone, its reader called us spam, or asked us to stop.

Known by keyed digest alone. Nothing that a visitor can see tells whether an address is among them.
"""

from collections.abc import Collection
from datetime import datetime

from outbox.digests import address_digest
from outbox.flights import Statement
from outbox.models import Suppression, SuppressionReason
from outbox.prepared import run_prepared

_FIND = Statement(
    "SELECT array_agg(address_digest) FROM outbox_suppression WHERE address_digest = ANY(%(digests)s::bytea[])"
)


def suppressed_among(*, digests: Collection[bytes]) -> frozenset[bytes]:
    """This function will find which of some addresses' digests are on the list, with one statement."""
    if not digests:
        return frozenset()
    found = run_prepared(_FIND, {"digests": list(digests)})
    return frozenset(found[0] or ()) if found else frozenset()


def suppress_address(*, address: str, reason: SuppressionReason, now: datetime) -> None:
    """This function will stop all mail to an address; the first reason stays when it is told again."""
    row = Suppression(address_digest=address_digest(address=address), reason=reason, created_at=now)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)


def lift_suppression(*, address: str) -> Suppression | None:
    """
    This function will let mail go to an address again, in the caller's transaction.

    Returns: the row that was taken away, for the audit; None when the address was not on the list.
    """
    row = Suppression.objects.select_for_update().filter(address_digest=address_digest(address=address)).first()
    if row is not None:
        Suppression.objects.filter(pk=row.pk).delete()
    return row
