"""What the public pages show. Reads texts and tallies, never signatures: these pages bear the load of the great day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from outbox.models import SwitchName
from outbox.switches import switch_state
from petitions.models import Milestone, Petition, PetitionState, PetitionText, Tally
from petitions.queries.asking import Asked, asked_of, petitions_asking
from petitions.queries.counts import milestone_ahead
from petitions.queries.texts import newest_texts
from petitions.rules.signing import takes_proofs, takes_signatures

_LIST_ORDER = {PetitionState.OPEN: 0, PetitionState.PAUSED: 1, PetitionState.CLOSED: 2}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A threshold on a petition's way, and when it was reached."""

    threshold: int
    reached_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a petition stands: its published count, and whether it takes new signatures and late proofs."""

    total: int
    as_of: datetime | None
    next_milestone: int | None
    takes_signatures: bool
    takes_proofs: bool
    is_paused: bool
    pause_reason: str

    @property
    def is_closed(self) -> bool:
        return not self.takes_signatures and not self.is_paused

    @property
    def is_over(self) -> bool:
        """Whether no signature can be added any more, not even by a late proof."""
        return self.is_closed and not self.takes_proofs


@dataclass(frozen=True, kw_only=True)
class ListedPetition:
    """A petition in a list."""

    petition: Petition
    text: PetitionText
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class PetitionPage:
    """A published petition as one reader sees it."""

    petition: Petition
    text: PetitionText
    languages: tuple[str, ...]
    standing: Standing
    steps: tuple[Step, ...]
    asked: Asked

    @property
    def fallen_below(self) -> int | None:
        """The highest milestone that was reached and that the count has left again, if any."""
        return max(
            (step.threshold for step in self.steps if step.reached_at and step.threshold > self.standing.total),
            default=None,
        )


def petition_page(*, slug: str, language: str, now: datetime, said: Mapping[str, Any] | None = None) -> PetitionPage:
    """
    This function will read a published petition, and what its form asks, in three statements.

    Args:    said: what a form brings that is shown again, by field; see asked_of.
    Returns: its newest text in the language, else in the petition's own, else in any; the milestones that it has reached
             and the next one, ascending.
    Raises:  Petition.DoesNotExist for a draft, a scheduled and an unknown one, and while no text is published.
    """
    petition = petitions_asking().published().select_related("tally").get(slug=slug)
    texts = newest_texts(petition_id=petition.pk)
    standing = standing_of(petition, now=now)
    return PetitionPage(
        petition=petition,
        text=_preferred(texts, language=language, default_language=petition.default_language),
        languages=tuple(texts),
        standing=standing,
        steps=_steps(petition, standing=standing),
        asked=asked_of(petition=petition, language=language, said=said),
    )


def published_petitions() -> QuerySet[Petition]:
    """This function will find the published petitions with their tallies: open ones first, then the newest."""
    order = Case(*(When(state=state, then=Value(rank)) for state, rank in _LIST_ORDER.items()))
    petitions = Petition.objects.published().filter(Exists(PetitionText.objects.filter(petition=OuterRef("pk"))))
    return petitions.select_related("tally").annotate(list_order=order).order_by("list_order", "-opens_at", "-id")


def listed_petitions(petitions: Iterable[Petition], *, language: str, now: datetime) -> Iterator[ListedPetition]:
    """This function will add to some petitions what a list shows of each, with one statement."""
    petitions = list(petitions)
    texts = PetitionText.objects.filter(petition__in=petitions).order_by("petition_id", "language", "-version")
    newest: dict[int, dict[str, PetitionText]] = {}
    for text in texts.distinct("petition_id", "language"):
        newest.setdefault(text.petition_id, {})[text.language] = text
    for petition in petitions:
        text = _preferred(newest[petition.pk], language=language, default_language=petition.default_language)
        yield ListedPetition(petition=petition, text=text, standing=standing_of(petition, now=now))


def standing_of(petition: Petition, *, now: datetime) -> Standing:
    """This function will say how a petition stands, from its loaded row and tally."""
    tally: Tally | None = getattr(petition, "tally", None)
    total = tally.total if tally else 0
    is_open = takes_signatures(state=petition.state, closes_at=petition.closes_at, now=now)
    site_pause = switch_state(SwitchName.PAUSE_SIGNING)
    is_paused_itself = petition.state == PetitionState.PAUSED
    is_paused = is_paused_itself or (is_open and site_pause.is_on)
    grace = settings.SIGNING_GRACE_AFTER_CLOSING
    return Standing(
        total=total,
        as_of=tally.as_of if tally else None,
        next_milestone=milestone_ahead(petition, now=now),
        takes_signatures=is_open and not site_pause.is_on,
        takes_proofs=takes_proofs(state=petition.state, closes_at=petition.closes_at, grace=grace, now=now),
        is_paused=is_paused,
        pause_reason=petition.pause_reason if is_paused_itself else site_pause.reason,
    )


def _preferred(texts: dict[str, PetitionText], *, language: str, default_language: str) -> PetitionText:
    text = texts.get(language) or texts.get(default_language) or next(iter(texts.values()), None)
    if text is None:
        raise Petition.DoesNotExist("no text is published")
    return text


def _steps(petition: Petition, *, standing: Standing) -> tuple[Step, ...]:
    reached = Milestone.objects.filter(petition=petition).values_list("threshold", "reached_at")
    steps: dict[int, datetime | None] = dict(reached)
    if standing.next_milestone is not None:
        steps.setdefault(standing.next_milestone, None)
    return tuple(Step(threshold=threshold, reached_at=steps[threshold]) for threshold in sorted(steps))
