"""Does each count say the truth? Asked of the signatures themselves, each question in one snapshot."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from petitions.models import Petition, TallyCheck, TallyEntry
from petitions.queries.counts import count_of

# One statement is one snapshot: a signature and what it owes are committed together, so that any difference is an
# error and never a matter of timing.
_OF_PETITION = "WHERE petition_id = %(petition_id)s"
_REASONS = "sum(CASE WHEN reason IN ('proved', 'restored') THEN n WHEN reason = 'corrected' THEN 0 ELSE -n END)"
_COMPARE = f"""
SELECT petition.id, petition.slug,
    coalesce((SELECT total FROM petitions_tally {_OF_PETITION}), 0),
    coalesce((SELECT sum(delta) FROM petitions_tallyentry {_OF_PETITION}), 0),
    (SELECT count(*) FROM petitions_tallyentry {_OF_PETITION}),
    (SELECT count(*) FROM petitions_signature {_OF_PETITION} AND invalidated_at IS NULL AND held_at IS NULL),
    coalesce((SELECT sum(n) FROM petitions_tallybucket {_OF_PETITION}), 0)::bigint,
    coalesce((SELECT {_REASONS} FROM petitions_tallyreasontotal {_OF_PETITION}), 0)::bigint,
    coalesce((SELECT sum(n) FROM petitions_tallyhour {_OF_PETITION}), 0)::bigint
FROM petitions_petition AS petition
WHERE petition.id = %(petition_id)s
"""  # noqa: S608 # our own words, no input
_SUMS = f"""
SELECT coalesce((SELECT total FROM petitions_tally {_OF_PETITION}), 0),
    coalesce((SELECT {_REASONS} FROM petitions_tallyreasontotal {_OF_PETITION}), 0)::bigint,
    coalesce((SELECT sum(n) FROM petitions_tallybucket {_OF_PETITION} AND %(with_buckets)s), 0)::bigint,
    coalesce((SELECT sum(n) FROM petitions_tallyhour {_OF_PETITION} AND %(with_buckets)s), 0)::bigint
"""  # noqa: S608 # our own words, no input

_QUARTER_HOUR = "date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00:00Z')"
_COUNTED = f"FROM petitions_signature {_OF_PETITION} AND invalidated_at IS NULL AND held_at IS NULL"
_LIES_IN = "{0} >= coalesce(%(since)s::timestamptz, '-infinity') AND {0} < coalesce(%(until)s::timestamptz, 'infinity')"
_WRONG_CELLS = f"""
SELECT starts_at, country, channel, sum(published)::bigint, sum(owed)::bigint, sum(counted)::bigint FROM (
    SELECT starts_at, country, channel, n AS published, 0 AS owed, 0 AS counted
    FROM petitions_tallybucket {_OF_PETITION} AND {_LIES_IN.format("starts_at")}
    UNION ALL
    SELECT bucket_at, country, channel, 0, sum(delta), 0
    FROM petitions_tallyentry {_OF_PETITION} AND {_LIES_IN.format("bucket_at")} GROUP BY 1, 2, 3
    UNION ALL
    SELECT {_QUARTER_HOUR}, country, channel, 0, 0, count(*)
    {_COUNTED} AND {_LIES_IN.format("verified_at")} GROUP BY 1, 2, 3
) AS every_side
GROUP BY 1, 2, 3 HAVING sum(published) + sum(owed) <> sum(counted)
ORDER BY 1, 2, 3
"""  # noqa: S608 # our own words, no input
# The quarter hour after the one in which the last signature of the window was proved: none is ever cut in two.
_WINDOW_END = f"""
SELECT {_QUARTER_HOUR} + interval '15 minutes' {_COUNTED} AND {_LIES_IN.format("verified_at")}
ORDER BY verified_at, id OFFSET %(size)s - 1 LIMIT 1
"""
_NEWEST_FROM = f"""
SELECT {_QUARTER_HOUR} {_COUNTED} AND verified_at >= %(since)s ORDER BY verified_at DESC, id DESC OFFSET %(size)s - 1 LIMIT 1
"""
# One look into the index for each petition that is owed something, however many entries wait and petitions are quiet.
_OLDEST_OWED = """
WITH RECURSIVE owed AS (
    (SELECT petition_id, occurred_at FROM petitions_tallyentry ORDER BY petition_id, occurred_at, id LIMIT 1)
    UNION ALL
    SELECT following.petition_id, following.occurred_at FROM owed CROSS JOIN LATERAL (
        SELECT petition_id, occurred_at FROM petitions_tallyentry WHERE petition_id > owed.petition_id
        ORDER BY petition_id, occurred_at, id LIMIT 1
    ) AS following
)
SELECT petition_id, occurred_at FROM owed ORDER BY occurred_at, petition_id
"""


@dataclass(frozen=True, kw_only=True)
class TallyState:
    """The sums of one petition that must agree: published + owed = counted, and all the others = published."""

    petition_id: int
    slug: str
    published: int
    owed: int
    entries: int  # how many, of either sign, make up what is owed
    counted: int
    in_buckets: int
    by_reasons: int  # proved + restored - withdrawn - invalidated
    in_hours: int

    @property
    def drift(self) -> int:
        """How many signatures the count and what it is made of are away from the truth, all errors added."""
        parts = (self.in_buckets, self.by_reasons, self.in_hours)
        return abs(self.published + self.owed - self.counted) + sum(abs(part - self.published) for part in parts)

    def sums(self) -> dict[str, int]:
        names = ("published", "owed", "counted", "in_buckets", "by_reasons", "in_hours")
        return {name: getattr(self, name) for name in names}

    def figures(self) -> dict[str, object]:
        return {"petition": self.slug, "drift": self.drift, **self.sums()}


@dataclass(frozen=True, kw_only=True)
class WrongCell:
    """One quarter hour, country and channel of which the count does not say the truth."""

    starts_at: datetime
    country: str
    channel: str
    published: int
    owed: int
    counted: int

    @property
    def drift(self) -> int:
        return abs(self.published + self.owed - self.counted)

    def columns(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Window:
    """A part of a petition's history, whole quarter hours; None: as far as there are any."""

    since: datetime | None = None
    until: datetime | None = None


def tally_state(*, petition_id: int) -> TallyState:
    """This function will compare a petition's count with all its signatures. For a repair and for tests: it reads them all."""
    names = ("petition_id", "slug", "published", "owed", "entries", "counted", "in_buckets", "by_reasons", "in_hours")
    (row,) = _rows(_COMPARE, petition_id=petition_id)
    return TallyState(**dict(zip(names, row, strict=True)))


def sums_drift(*, petition_id: int, with_buckets: bool) -> int:
    """
    This function will tell how far the published total is from the sums that it must equal.

    Args: with_buckets: reads as many rows as the petition has buckets; without, a handful.
    """
    ((published, by_reasons, in_buckets, in_hours),) = _rows(_SUMS, petition_id=petition_id, with_buckets=with_buckets)
    of_buckets = abs(in_buckets - published) + abs(in_hours - published) if with_buckets else 0
    return int(abs(by_reasons - published) + of_buckets)


def wrong_cells(*, petition_id: int, window: Window) -> list[WrongCell]:
    """
    This function will compare each cell of a window: bucket + owed entries = counted signatures, in one snapshot.

    Returns: the cells that differ, oldest first; [] is the only healthy answer. Reads the signatures of the window from
             one index, and all entries that the petition is owed.
    """
    names = ("starts_at", "country", "channel", "published", "owed", "counted")
    rows = _rows(_WRONG_CELLS, petition_id=petition_id, since=window.since, until=window.until)
    return [WrongCell(**dict(zip(names, row, strict=True))) for row in rows]


def window_from(*, petition_id: int, since: datetime | None, size: int) -> Window:
    """This function will measure off the next `size` counted signatures and the rest of their last quarter hour."""
    rows = _rows(_WINDOW_END, petition_id=petition_id, since=since, until=None, size=size)
    return Window(since=since, until=rows[0][0] if rows else None)


def newest_window(*, petition_id: int, since: datetime, size: int) -> Window:
    """This function will measure off what was proved since an instant, or the newest `size` where these are more."""
    rows = _rows(_NEWEST_FROM, petition_id=petition_id, since=since, size=size)
    return Window(since=rows[0][0] if rows else since)


def is_owed_more_than(*, petition_id: int, entries: int) -> bool:
    """This function will tell whether more entries wait, looking at no more than that many."""
    return TallyEntry.objects.filter(petition_id=petition_id).order_by()[: entries + 1].count() > entries


def petitions_by_last_check() -> list[int]:
    """This function will list all petitions, those first that the reconciler has not looked at for longest."""
    checked_at = dict(TallyCheck.objects.filter(checked_at__isnull=False).values_list("petition_id", "checked_at"))
    petition_ids = list(Petition.objects.order_by("id").values_list("id", flat=True))
    never = [petition_id for petition_id in petition_ids if petition_id not in checked_at]
    return never + sorted(
        set(petition_ids) - set(never), key=lambda petition_id: (checked_at[petition_id], petition_id)
    )


def petitions_owed_a_fold() -> list[int]:
    """This function will find the petitions with entries that wait, those first that have waited longest."""
    return [petition_id for petition_id, _occurred_at in _rows(_OLDEST_OWED)]


def oldest_owed_entry() -> datetime | None:
    """This function will find since when the longest-waiting entry is owed."""
    waiting = _rows(_OLDEST_OWED)
    return waiting[0][1] if waiting else None


def known_drift() -> int:
    """This function will add up what the last look at each petition found wrong: 0, or an error under repair."""
    return int(TallyCheck.objects.aggregate(drift=Coalesce(Sum("drift"), 0))["drift"])


def last_laps() -> list[tuple[str, datetime]]:
    """This function will list since when each published petition was last looked through; at first, since it was made."""
    lap = Subquery(TallyCheck.objects.filter(petition_id=OuterRef("pk")).values("lap_finished_at"))
    laps = Petition.objects.published().annotate(looked_through_at=Coalesce(lap, "created_at")).order_by("slug")
    return list(laps.values_list("slug", "looked_through_at"))


def published_totals() -> list[tuple[str, int]]:
    """This function will list the published petitions with their counts, by slug."""
    petitions = Petition.objects.published().select_related("tally").order_by("slug")
    return [(petition.slug, count_of(petition)) for petition in petitions]


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())
