"""
Reads the tally as series. Each answer adds up to the published count of one and the same instant.

Periods that begin on whole hours of UTC are added up from hours, whose number grows with time alone; a zone such as
India's, whose days begin in between, from quarter hours by country and channel.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Sum

from outbox.replica import reading_connection
from petitions.models import TallyBucket, TallyHour
from petitions.rules.periods import Grouping, local_midnight, period_boundaries, period_label

MAX_ROWS = 100_000  # eleven years of hours
_HOUR_S = 3600

# Boundaries are computed with zoneinfo and only compared here: PostgreSQL's own zone data is not asked. The array is
# sorted, index 0 lies before the first boundary and the highest one from the last boundary on.
_SUM_BUCKETS = """
    SELECT width_bucket(starts_at, %(boundaries)s::timestamptz[]) AS period, sum(n)::bigint
    FROM petitions_tallybucket
    WHERE petition_id = ANY(%(petition_ids)s::bigint[]) AND n > 0
      AND starts_at >= coalesce(%(since)s::timestamptz, '-infinity')
      AND starts_at < coalesce(%(until)s::timestamptz, 'infinity')
    GROUP BY 1
"""
_SUM_HOURS = _SUM_BUCKETS.replace("petitions_tallybucket", "petitions_tallyhour")
Source = type[TallyHour] | type[TallyBucket]


class TooManyRows(Exception):
    """The span asked for would give more rows than a sheet can hold."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Local days of one time zone, both included; None leaves that side open."""

    tz: ZoneInfo
    first_day: date | None = None
    last_day: date | None = None

    @property
    def is_bounded(self) -> bool:
        return self.first_day is not None or self.last_day is not None

    @property
    def is_reversed(self) -> bool:
        return self.first_day is not None and self.last_day is not None and self.last_day < self.first_day

    @property
    def since(self) -> datetime | None:
        return None if self.first_day is None else local_midnight(day=self.first_day, tz=self.tz)

    @property
    def until(self) -> datetime | None:
        if self.last_day is None:
            return None
        return local_midnight(day=self.last_day + timedelta(days=1), tz=self.tz)


@dataclass(frozen=True, kw_only=True)
class CountRow:
    """One line of an export: a period, a country or a channel with its counted signatures."""

    label: str
    signatures: int
    starts_at: datetime | None = None  # of a period, in its own zone


def period_rows(*, petition_ids: Collection[int], by: Grouping, span: Span) -> list[CountRow]:
    """
    This function will add up counted signatures by local period, oldest first, empty periods included as 0.

    Returns: the whole span where it is given; on an open side, from the first or to the last counted signature.
    Raises:  TooManyRows over 100,000 periods.
    """
    source: Source = TallyHour
    while True:
        boundaries = _boundaries(source=source, petition_ids=petition_ids, by=by, span=span)
        limits = [instant for instant in (span.since, span.until, *boundaries) if instant]
        if source is TallyHour and any(instant.timestamp() % _HOUR_S for instant in limits):
            source = TallyBucket
            continue
        sums = _sums(source=source, petition_ids=petition_ids, boundaries=boundaries, span=span)
        # A fold between the two reads may have added a bucket outside: look again, so that nothing is left out.
        if all(0 < index < len(boundaries) for index in sums):
            break
    return [
        CountRow(
            label=period_label(by=by, tz=span.tz, start=start),
            starts_at=start.astimezone(span.tz),
            signatures=sums.get(index, 0),
        )
        for index, start in enumerate(boundaries[:-1], start=1)
    ]


def group_rows(*, petition_ids: Collection[int], by: Grouping, span: Span) -> list[CountRow]:
    """This function will add up counted signatures by country or channel, the most first, those without any left out."""
    buckets = TallyBucket.objects.filter(petition_id__in=petition_ids, n__gt=0)
    if span.since:
        buckets = buckets.filter(starts_at__gte=span.since)
    if span.until:
        buckets = buckets.filter(starts_at__lt=span.until)
    sums = buckets.values_list(by.value).annotate(signatures=Sum("n")).order_by("-signatures", by.value)
    return [CountRow(label=label, signatures=signatures) for label, signatures in sums]


def _boundaries(*, source: Source, petition_ids: Collection[int], by: Grouping, span: Span) -> list[datetime]:
    first, last = span.since, span.until and span.until - timedelta(microseconds=1)
    if first is None or last is None:
        ends = source.objects.filter(petition_id__in=petition_ids, n__gt=0).aggregate(
            first=Min("starts_at"), last=Max("starts_at")
        )
        first, last = first or ends["first"], last or ends["last"]
    if first is None or last is None or first > last:
        return []
    if last - first > MAX_ROWS * _SHORTEST[by]:
        raise TooManyRows("ask for a shorter span or for longer periods")
    return period_boundaries(by=by, tz=span.tz, first=first, last=last)


_SHORTEST = {
    Grouping.HOUR: timedelta(hours=1),
    Grouping.DAY: timedelta(days=1),
    Grouping.WEEK: timedelta(days=7),
    Grouping.MONTH: timedelta(days=28),
}


def _sums(*, source: Source, petition_ids: Collection[int], boundaries: list[datetime], span: Span) -> dict[int, int]:
    if not boundaries:
        return {}
    parameters: dict[str, Any] = {
        "petition_ids": list(petition_ids),
        "boundaries": boundaries,
        "since": span.since,
        "until": span.until,
    }
    with reading_connection().cursor() as cursor:
        cursor.execute(_SUM_HOURS if source is TallyHour else _SUM_BUCKETS, parameters)
        return dict(cursor.fetchall())
