"""What happened in each hour: attempts, proofs that count, what is held and what was removed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

HOUR = timedelta(hours=1)

# Counted signatures come from the tally, which is summed already; held and removed ones from their own small indexes.
_HOURS = """
SELECT 'attempts', starts_at, sum(n)::bigint FROM petitions_attempthour
    WHERE petition_id = %(petition_id)s AND starts_at >= %(since)s AND starts_at < %(until)s GROUP BY 2
UNION ALL
SELECT 'attempts_held', starts_at, sum(n)::bigint FROM petitions_attempthour
    WHERE petition_id = %(petition_id)s AND starts_at >= %(since)s AND starts_at < %(until)s AND held_reason <> ''
    GROUP BY 2
UNION ALL
SELECT 'counted', date_trunc('hour', starts_at, 'UTC'), sum(n)::bigint FROM petitions_tallybucket
    WHERE petition_id = %(petition_id)s AND starts_at >= %(since)s AND starts_at < %(until)s GROUP BY 2
UNION ALL
SELECT 'held', date_trunc('hour', verified_at, 'UTC'), count(*) FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND held_at IS NOT NULL AND invalidated_at IS NULL
      AND verified_at >= %(since)s AND verified_at < %(until)s GROUP BY 2
UNION ALL
SELECT 'removed', date_trunc('hour', verified_at, 'UTC'), count(*) FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND invalidated_at IS NOT NULL
      AND verified_at >= %(since)s AND verified_at < %(until)s GROUP BY 2
"""


@dataclass(kw_only=True)
class IntegrityHour:
    """One hour of UTC. A signature stands in the hour of its proof, whenever it was held, released or removed."""

    starts_at: datetime
    attempts: int = 0
    attempts_held: int = 0
    counted: int = 0
    held: int = 0
    removed: int = 0

    @property
    def proved(self) -> int:
        return self.counted + self.held + self.removed


def integrity_hours(*, petition_id: int, since: datetime, until: datetime) -> list[IntegrityHour]:
    """
    This function will add up each hour of a span, oldest first, empty hours included; in one statement.

    Args:    since, until: full hours of UTC; `until` itself is left out.
    """
    count = int((until - since) / HOUR)
    hours = {since + n * HOUR: IntegrityHour(starts_at=since + n * HOUR) for n in range(count)}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"petition_id": petition_id, "since": since, "until": until})
        for name, starts_at, n in cursor.fetchall():
            setattr(hours[starts_at], name, n)
    return list(hours.values())


def hour_of(instant: datetime) -> datetime:
    """This function will round an aware instant of UTC down to its hour."""
    return instant.replace(minute=0, second=0, microsecond=0)
