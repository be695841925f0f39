"""How long people take from the form to the proof, and how many get there, by the mail provider's domain."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from petitions.queries.clusters import named_domains

MOST_ROWS = 100_000  # the newest of the span, of signatures and of attempts each
DOMAINS_SHOWN = 20

# Only proofs by mail have waited for a mail; the first of each person's attempts is what the row remembers.
_PROOFS = """
WITH proofs AS (
    SELECT domain_digest, verified_at - signed_at AS took FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND verified_at >= %(since)s AND verified_at < %(until)s
      AND proved_by = 'mail' AND invalidated_at IS NULL
    ORDER BY verified_at DESC LIMIT %(most)s
), unproved AS (
    SELECT domain_digest FROM petitions_pendingsignature
    WHERE petition_id = %(petition_id)s AND created_at >= %(since)s AND created_at < %(until)s
      AND mail_number IS NOT NULL
    ORDER BY created_at DESC LIMIT %(most)s
), together AS (
    SELECT domain_digest, took FROM proofs UNION ALL SELECT domain_digest, NULL FROM unproved
)
SELECT GROUPING(domain_digest) = 1, domain_digest, count(*), count(took),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY took)
FROM together GROUP BY GROUPING SETS ((), (domain_digest))
ORDER BY 1 DESC, 3 DESC, 2
"""


@dataclass(frozen=True, kw_only=True)
class ProofFigures:
    """Attempts that were mailed, how many were proved, and the median time that it took. No name: all, or the others."""

    domain: str = ""
    attempts: int = 0
    proved: int = 0
    median: timedelta | None = None

    @property
    def share(self) -> int:
        """Of a hundred attempts, how many were proved."""
        return round(100 * self.proved / self.attempts) if self.attempts else 0

    @property
    def taken(self) -> tuple[int, int, int] | None:
        """The median as hours, minutes and seconds."""
        if self.median is None:
            return None
        minutes, seconds = divmod(round(self.median.total_seconds()), 60)
        return (*divmod(minutes, 60), seconds)


@dataclass(frozen=True, kw_only=True)
class ProofStatistics:
    """A petition's proofs in a span, and by domain: those that may be named, the biggest first, then the others."""

    total: ProofFigures
    domains: list[ProofFigures]
    others: ProofFigures


def proof_statistics(*, petition_id: int, since: datetime, until: datetime) -> ProofStatistics:
    """
    This function will compare attempts with proofs by domain, in three statements.

    An attempt that a proof of the same person removed is not counted beside that proof. The others have no median: a
    median of medians would be none.
    """
    parameters: dict[str, Any] = {"petition_id": petition_id, "since": since, "until": until, "most": MOST_ROWS}
    with connection.cursor() as cursor:
        cursor.execute(_PROOFS, parameters)
        (_, _, *whole), *rows = cursor.fetchall()
    total = _figures("", whole)
    digests = [bytes(row[1]) for row in rows if row[1] is not None][:DOMAINS_SHOWN]
    names = named_domains(petition_id=petition_id, digests=digests)
    named = [_figures(names[bytes(row[1])], row[2:]) for row in rows if row[1] is not None and bytes(row[1]) in names]
    return ProofStatistics(total=total, domains=named, others=_rest(total, named))


def _figures(domain: str, row: Any) -> ProofFigures:
    attempts, proved, median = row
    return ProofFigures(domain=domain, attempts=attempts, proved=proved, median=median)


def _rest(total: ProofFigures, named: list[ProofFigures]) -> ProofFigures:
    return ProofFigures(
        attempts=total.attempts - sum(domain.attempts for domain in named),
        proved=total.proved - sum(domain.proved for domain in named),
    )
