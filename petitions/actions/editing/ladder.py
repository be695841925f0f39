"""The steps on which a petition's count is celebrated."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import BadLadder, LadderOvertaken, StaleLadder
from petitions.actions.tally import record_passed_milestones
from petitions.models import LadderChange, Milestone, Petition
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD


@transaction.atomic
def change_ladder(
    *,
    petition_id: int,
    ladder: Iterable[int],
    seen: Iterable[int],
    foreseen: Collection[int],
    now: datetime,
    actor: User | None = None,
) -> LadderChange | None:
    """
    This function will replace the thresholds of a petition; milestones reached stay reached, on the ladder or off it.

    Args:    seen: the ladder that the organiser had before their eyes.  foreseen: the new steps of which they were told
             that the count has passed them, so that nobody will be written to.
    Returns: what was changed; None where the ladder is what it should be already, and nothing is written.
    Raises:  BadLadder; StaleLadder if another ladder was saved since; LadderOvertaken if the count has passed another
             set of new steps than was foreseen. Nothing is written then.
    Writes:  Petition.ladder, sorted and each step once; a Milestone without a message for each new step that the count
             has passed already, at the instant of its Nth counted signature; a LadderChange and an audit row.
    """
    steps = sorted(set(ladder))
    if not 1 <= len(steps) <= LADDER_MAX_STEPS or steps[0] < 1 or steps[-1] > LADDER_MAX_THRESHOLD:
        raise BadLadder
    petition = locked_petition(petition_id=petition_id)
    before = sorted(set(petition.ladder))
    if steps == before:
        return None
    if sorted(set(seen)) != before:
        raise StaleLadder
    recorded = _replace(petition=petition, before=before, steps=steps)
    if set(recorded) != set(foreseen):
        raise LadderOvertaken
    audit(petition=petition, actor=actor, verb="petition.ladder-changed", now=now)
    return LadderChange.objects.create(
        petition=petition, before=before, after=steps, recorded=recorded, changed_by=actor, changed_at=now
    )


def _replace(*, petition: Petition, before: list[int], steps: list[int]) -> list[int]:
    """This function will save the steps and record those that the count has passed; returns them."""
    # A fold at the same time reads the old ladder, which has none of these steps: what appears here, this has recorded.
    added = Milestone.objects.filter(petition=petition, threshold__in=set(steps) - set(before))
    known = set(added.values_list("threshold", flat=True))
    petition.ladder = steps
    petition.save(update_fields=["ladder"])
    record_passed_milestones(petition_id=petition.pk)
    return [step for step in added.order_by("threshold").values_list("threshold", flat=True) if step not in known]
