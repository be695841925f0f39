"""One milestone as its public page tells it: when it came, how fast, and where it stands on the way."""

from dataclasses import dataclass
from datetime import datetime

from petitions.models import LadderChange, PetitionState
from petitions.queries.pages import PetitionPage, Step
from petitions.rules.pace import Climb, Rank, Reached, climb, climbs, rank


class NoSuchStep(Exception):
    """The petition never reached this number, and it is no step of its ladder either."""


@dataclass(frozen=True, kw_only=True)
class MilestonePage:
    """A step of a petition's ladder; what follows `reached_at` is None or empty while it lies ahead."""

    page: PetitionPage
    threshold: int
    reached_at: datetime | None
    steps: tuple[Step, ...]  # the way: what was reached, this step, and the next one
    before: Step | None = None  # the reached step below
    following: Step | None = None  # the reached step above
    from_opening: Climb | None = None
    from_before: Climb | None = None
    afterwards: Climb | None = None  # to the step above, or until now
    rank: Rank | None = None
    recorded_at: datetime | None = None  # when a changed ladder made it a milestone long after

    @property
    def missing(self) -> int:
        """How many signatures it takes to be here; 0 while the count is at or above it."""
        return max(0, self.threshold - self.page.standing.total)

    @property
    def has_fallen_below(self) -> bool:
        return self.reached_at is not None and self.missing > 0

    @property
    def will_never_come(self) -> bool:
        return self.reached_at is None and self.page.standing.is_over


def milestone_page(*, page: PetitionPage, threshold: int, now: datetime) -> MilestonePage:
    """
    This function will tell all about one step, with one statement beside those of the petition's page.

    Returns: a milestone with its pace, whatever the ladder says today; or a step of the ladder that lies ahead.
    Raises:  NoSuchStep for any other number.
    """
    reached = [Reached(threshold=step.threshold, reached_at=step.reached_at) for step in page.steps if step.reached_at]
    index = next((index for index, step in enumerate(reached) if step.threshold == threshold), None)
    if index is not None:
        return _reached_page(page=page, reached=reached, index=index, now=now)
    if threshold not in page.petition.ladder:
        raise NoSuchStep(threshold)
    known = {step.threshold: step for step in (*page.steps, Step(threshold=threshold, reached_at=None))}
    steps = tuple(known[number] for number in sorted(known))
    return MilestonePage(page=page, threshold=threshold, reached_at=None, steps=steps, before=_below(steps, threshold))


def _reached_page(*, page: PetitionPage, reached: list[Reached], index: int, now: datetime) -> MilestonePage:
    here, opened_at = reached[index], page.petition.opens_at
    measured = climbs(opened_at=opened_at, steps=reached)
    return MilestonePage(
        page=page,
        threshold=here.threshold,
        reached_at=here.reached_at,
        steps=page.steps,
        before=_step(reached, index - 1),
        following=_step(reached, index + 1),
        from_opening=climb(since=opened_at, until=here.reached_at, signatures=here.threshold),
        from_before=measured[index] if index else None,
        afterwards=_afterwards(page=page, reached=reached, index=index, measured=measured, now=now),
        rank=rank(index=index, steps=reached, measured=measured),
        recorded_at=_recorded_at(page=page, threshold=here.threshold),
    )


def _afterwards(
    *, page: PetitionPage, reached: list[Reached], index: int, measured: list[Climb | None], now: datetime
) -> Climb | None:
    if index + 1 < len(reached):
        return measured[index + 1]
    here, closes_at = reached[index], page.petition.closes_at
    # By the minute, so that the page is the same for all who read it within one.
    until = now.replace(second=0, microsecond=0)
    if closes_at and page.petition.state == PetitionState.CLOSED:
        until = min(until, closes_at)
    return climb(since=here.reached_at, until=until, signatures=page.standing.total - here.threshold)


def _recorded_at(*, page: PetitionPage, threshold: int) -> datetime | None:
    changes = LadderChange.objects.filter(petition_id=page.petition.pk, recorded__contains=[threshold])
    return changes.order_by("-id").values_list("changed_at", flat=True).first()


def _step(reached: list[Reached], index: int) -> Step | None:
    if not 0 <= index < len(reached):
        return None
    return Step(threshold=reached[index].threshold, reached_at=reached[index].reached_at)


def _below(steps: tuple[Step, ...], threshold: int) -> Step | None:
    return max(
        (step for step in steps if step.reached_at and step.threshold < threshold),
        key=lambda step: step.threshold,
        default=None,
    )
