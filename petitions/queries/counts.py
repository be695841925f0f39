"""What the counts say: the published total, its series and its milestones. Reads the tally only, never the signatures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from petitions.models import Milestone, Petition, PetitionState, Tally
from petitions.queries.series import CountRow, Span, group_rows, period_rows
from petitions.rules.ladder import next_milestone
from petitions.rules.periods import Grouping
from petitions.rules.signing import takes_signatures


@dataclass(frozen=True, kw_only=True)
class CountStatus:
    """What a watcher of a petition wants to know, and nothing else."""

    slug: str
    language: str  # the petition's main one
    count: int
    as_of: datetime
    next_milestone: int | None
    milestones: list[Milestone]


@dataclass(frozen=True, kw_only=True)
class CountExport:
    """The counted signatures of one petition, added up: the one source of every export, page and file."""

    slug: str
    by: Grouping
    span: Span
    rows: list[CountRow]

    @property
    def total(self) -> int:
        return sum(row.signatures for row in self.rows)


def published_count(*, petition_id: int) -> int:
    """This function will read the published count of a petition; 0 before its first fold."""
    return Tally.objects.filter(petition_id=petition_id).values_list("total", flat=True).first() or 0


def count_of(petition: Petition) -> int:
    """This function will read the published count from a petition that was loaded with its tally."""
    tally: Tally | None = getattr(petition, "tally", None)
    return tally.total if tally else 0


def milestone_ahead(petition: Petition, *, now: datetime) -> int | None:
    """This function will find what a petition that was loaded with its tally is on its way to; closed, it is to nothing."""
    is_open = takes_signatures(state=petition.state, closes_at=petition.closes_at, now=now)
    if petition.state == PetitionState.CLOSED or (petition.state == PetitionState.OPEN and not is_open):
        return None
    return next_milestone(ladder=petition.ladder, total=count_of(petition))


def count_status(*, slug: str, now: datetime) -> CountStatus:
    """
    This function will read the count of a published petition with two statements.

    Returns: milestones lowest first; as_of is the last fold that changed the count, else the opening.
    Raises:  Petition.DoesNotExist for an unknown petition and for one that is not published.
    """
    petition = Petition.objects.published().select_related("tally").get(slug=slug)
    tally: Tally | None = getattr(petition, "tally", None)
    return CountStatus(
        slug=petition.slug,
        language=petition.default_language,
        count=count_of(petition),
        as_of=tally.as_of if tally else petition.opens_at or petition.created_at,
        next_milestone=milestone_ahead(petition, now=now),
        milestones=list(Milestone.objects.filter(petition=petition).order_by("threshold", "id")),
    )


def signature_counts(*, petition: Petition, by: Grouping, span: Span) -> CountExport:
    """
    This function will add up the counted signatures of a petition by period, country or channel.

    Args:    span: local days of the time zone in which days begin; open sides reach to the first or last signature.
    Returns: periods oldest first, empty ones as 0; countries and channels by number. Without a span the rows add up to
             the published count of that instant.
    Raises:  TooManyRows over 100,000 periods.
    """
    read_rows = period_rows if by.is_period else group_rows
    rows = read_rows(petition_ids=[petition.pk], by=by, span=span)
    return CountExport(slug=petition.slug, by=by, span=span, rows=rows)


def signatures_by_day(*, petition_ids: Collection[int], tz: ZoneInfo) -> list[tuple[date, int]]:
    """
    This function will add up the counted signatures of some petitions by local day.

    Returns: (day, signatures) from the first signature's day to the last one's, empty days included as 0; [] before
             the first signature. The sum is the sum of the published counts.
    """
    rows = period_rows(petition_ids=petition_ids, by=Grouping.DAY, span=Span(tz=tz))
    return [(date.fromisoformat(row.label), row.signatures) for row in rows]


def milestones_of(*, petition_ids: Collection[int]) -> list[Milestone]:
    """This function will list the milestones that some petitions reached, oldest first, their petitions loaded."""
    return list(
        Milestone.objects.filter(petition_id__in=petition_ids)
        .select_related("petition")
        .order_by("reached_at", "threshold", "id")
    )
