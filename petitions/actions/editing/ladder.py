"""The steps on which a petition's count is celebrated."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import BadLadder
from petitions.actions.tally import record_passed_milestones
from petitions.models import Petition
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD


@transaction.atomic
def change_ladder(*, petition_id: int, ladder: Iterable[int], now: datetime, actor: User | None = None) -> Petition:
    """
    This function will replace the thresholds of a petition; milestones reached stay reached.

    Raises:  BadLadder.
    Writes:  Petition.ladder, sorted and each step once; a Milestone without a message for each new step that the
             count has passed already, at the instant of its Nth counted signature; an audit row.
    """
    steps = sorted(set(ladder))
    if not 1 <= len(steps) <= LADDER_MAX_STEPS or steps[0] < 1 or steps[-1] > LADDER_MAX_THRESHOLD:
        raise BadLadder
    petition = locked_petition(petition_id=petition_id)
    petition.ladder = steps
    petition.save(update_fields=["ladder"])
    record_passed_milestones(petition_id=petition.pk)
    audit(petition=petition, actor=actor, verb="petition.ladder-changed", now=now)
    return petition
