"""Does each count say the truth? Asked of the signatures themselves, in one snapshot."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, Min, OuterRef

from petitions.models import Petition, TallyEntry
from petitions.queries.counts import count_of

# One statement is one snapshot: a signature and what it owes are committed together, so that any difference is an
# error and never a matter of timing.
_COMPARE = """
SELECT petition.id, petition.slug, coalesce(tally.total, 0), coalesce(owed.n, 0), coalesce(owed.entries, 0),
    coalesce(counted.n, 0), coalesce(buckets.n, 0)
FROM petitions_petition AS petition
LEFT JOIN petitions_tally AS tally ON tally.petition_id = petition.id
LEFT JOIN (
    SELECT petition_id, sum(delta)::bigint AS n, count(*) AS entries FROM petitions_tallyentry GROUP BY 1
) AS owed ON owed.petition_id = petition.id
LEFT JOIN (
    SELECT petition_id, count(*) AS n FROM petitions_signature WHERE invalidated_at IS NULL AND held_at IS NULL GROUP BY 1
) AS counted ON counted.petition_id = petition.id
LEFT JOIN (
    SELECT petition_id, sum(n)::bigint AS n FROM petitions_tallybucket GROUP BY 1
) AS buckets ON buckets.petition_id = petition.id
ORDER BY petition.id
"""


@dataclass(frozen=True, kw_only=True)
class TallyState:
    """The four sums of one petition that must agree: published + owed = counted, and in buckets = published."""

    petition_id: int
    slug: str
    published: int
    owed: int
    entries: int  # how many, of either sign, make up what is owed
    counted: int
    in_buckets: int

    @property
    def drift(self) -> int:
        """How many signatures the count and its buckets are away from the truth, both errors added."""
        return abs(self.published + self.owed - self.counted) + abs(self.in_buckets - self.published)

    def sums(self) -> dict[str, int]:
        return {
            "published": self.published,
            "owed": self.owed,
            "counted": self.counted,
            "in_buckets": self.in_buckets,
        }

    def figures(self) -> dict[str, object]:
        return {"petition": self.slug, "drift": self.drift, **self.sums()}


def tally_states() -> list[TallyState]:
    """This function will compare every petition's count with its signatures, all in one snapshot."""
    names = ("petition_id", "slug", "published", "owed", "entries", "counted", "in_buckets")
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        return [TallyState(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def drifting_tallies() -> list[TallyState]:
    """This function will find the counts that do not say the truth."""
    return [state for state in tally_states() if state.drift]


def petitions_owed_a_fold() -> list[int]:
    """This function will find the petitions with entries that wait; one look into the index for each petition."""
    waiting = TallyEntry.objects.filter(petition_id=OuterRef("pk"))
    return list(Petition.objects.filter(Exists(waiting)).order_by("id").values_list("id", flat=True))


def oldest_owed_entry() -> datetime | None:
    """This function will find since when the longest-waiting entry is owed."""
    oldest: datetime | None = TallyEntry.objects.aggregate(oldest=Min("occurred_at"))["oldest"]
    return oldest


def published_totals() -> list[tuple[str, int]]:
    """This function will list the published petitions with their counts, by slug."""
    petitions = Petition.objects.published().select_related("tally").order_by("slug")
    return [(petition.slug, count_of(petition)) for petition in petitions]
