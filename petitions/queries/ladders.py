"""A petition's ladder in the hands of its team: what a change would do, and what was changed before."""

from collections.abc import Collection
from dataclasses import dataclass

from petitions.models import LadderChange, Milestone, Petition
from petitions.queries.counts import published_count
from petitions.rules.ladder import LadderEffect, ladder_effect

MOST_CHANGES_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class PastChange:
    """One change of a ladder, as its team reads it."""

    change: LadderChange
    added: tuple[int, ...]
    removed: tuple[int, ...]


def effect_of(*, petition: Petition, ladder: Collection[int]) -> LadderEffect:
    """This function will say what a ladder would do to a petition at its count of this instant."""
    return ladder_effect(
        before=petition.ladder,
        after=ladder,
        reached=set(Milestone.objects.filter(petition=petition).values_list("threshold", flat=True)),
        total=published_count(petition_id=petition.pk),
    )


def ladder_history(*, petition: Petition) -> list[PastChange]:
    """This function will list the newest fifty changes of a ladder, newest first, with one statement."""
    changes = LadderChange.objects.filter(petition=petition).select_related("changed_by").order_by("-id")
    return [
        PastChange(
            change=change,
            added=tuple(sorted(set(change.after) - set(change.before))),
            removed=tuple(sorted(set(change.before) - set(change.after))),
        )
        for change in changes[:MOST_CHANGES_SHOWN]
    ]
