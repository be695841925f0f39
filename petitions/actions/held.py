"""What staff do with what was held: let it count, or let its mail leave. Removing it is the business of a case."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.actions import record_audit
from accounts.models import User
from petitions.actions import cases_sql
from petitions.actions.signing import release_attempt
from petitions.models import PendingSignature, Petition

MOST_AT_ONCE = 200  # more than a page shows


@dataclass(frozen=True, kw_only=True)
class Released:
    """How many rows the releasing changed; what was gone or released before, or whose mail cannot leave, is not in it."""

    signatures: int
    attempts: int


@transaction.atomic
def release_held(
    *,
    petition: Petition,
    signature_ids: Collection[int],
    attempt_ids: Collection[int],
    actor: User,
    now: datetime,
) -> Released:
    """
    Let held signatures count, and held attempts be proved like any other. Doing so again changes nothing.

    Args:   ids that were shown, at most MOST_AT_ONCE together; those of other petitions are passed over.
    Writes: held_at, and a TallyEntry of +1 for each signature, in the quarter hour of its proof; for an attempt what
            signing.release_attempt writes. What a case has taken is left to the undoing of that case. An audit row.
    """
    signatures = _release_signatures(petition=petition, ids=signature_ids, now=now)
    attempts = _release_attempts(petition=petition, ids=attempt_ids, now=now)
    if signatures or attempts:
        subject = f"{signatures} signatures, {attempts} attempts of petition {petition.slug}"
        record_audit(team=petition.team, actor=actor, verb="held.released", subject=subject, now=now)
    return Released(signatures=signatures, attempts=attempts)


def _release_signatures(*, petition: Petition, ids: Collection[int], now: datetime) -> int:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"petition_id": petition.pk, "signature_ids": sorted(ids), "now": now}
        cursor.execute(cases_sql.RELEASE_SHOWN, parameters)
        return int((cursor.fetchone() or (0,))[0])


def _release_attempts(*, petition: Petition, ids: Collection[int], now: datetime) -> int:
    held = PendingSignature.objects.filter(petition=petition, pk__in=ids, case__isnull=True).exclude(held_reason="")
    # In the order of their ids, so that two who release the same group wait for each other in one direction only.
    locked = list(held.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    return sum(release_attempt(attempt_id=attempt_id, now=now) for attempt_id in locked)
