"""What the counts say: the published total, its series and its milestones. Reads the tally only, never the signatures."""

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from petitions.models import Milestone, Tally
from petitions.queries.series import Span, period_rows
from petitions.rules import Grouping


def published_count(*, petition_id: int) -> int:
    """This function will read the published count of a petition; 0 before its first fold."""
    return Tally.objects.filter(petition_id=petition_id).values_list("total", flat=True).first() or 0


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
