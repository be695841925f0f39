"""What many signatures of one span have in common: mail domain, network, shape of the name, speed. Names nobody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection

from outbox.digests import domain_of
from petitions.models import Signature
from petitions.queries.sealed import email_of
from petitions.rules.cases import SMALLEST_NAMED_CLUSTER

MOST_ROWS = 200_000  # of one look: what a page can add up in well under a second
CLUSTERS_SHOWN = 10
FORM_AGES_S = (3, 10, 30)
PROOF_SPEEDS_S = (5, 20, 60)


class ClusterKind(StrEnum):
    DOMAIN = "domain"
    NETWORK = "network"
    NAME_SHAPE = "name_shape"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Rows that have one thing in common."""

    key: str  # a digest in hexadecimal, or the shape itself
    label: str  # the domain's name where it may be said, else ""
    rows: int
    held: int
    share: float  # of all rows of the span, in hundredths


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How many rows were quicker than so many seconds."""

    below_s: int
    rows: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """The signatures of one span, looked at from five sides."""

    rows: int
    is_cut: bool  # only the newest MOST_ROWS were looked at
    groups: dict[str, list[Cluster]]
    form_ages: list[Speed]
    proof_speeds: list[Speed]


# The two halves each walk their own partial index from the newest on, and stop there.
_CLUSTERS = """
WITH looked_at AS MATERIALIZED (
    SELECT * FROM (
        (SELECT id, verified_at, signed_at, domain_digest, network_digest, name_shape, form_age_s, false AS held
         FROM petitions_signature
         WHERE petition_id = %(petition_id)s AND invalidated_at IS NULL AND held_at IS NULL
           AND verified_at >= %(since)s AND verified_at < %(until)s
         ORDER BY verified_at DESC, id DESC LIMIT %(most)s)
        UNION ALL
        (SELECT id, verified_at, signed_at, domain_digest, network_digest, name_shape, form_age_s, true
         FROM petitions_signature
         WHERE petition_id = %(petition_id)s AND invalidated_at IS NULL AND held_at IS NOT NULL
           AND verified_at >= %(since)s AND verified_at < %(until)s
         ORDER BY verified_at DESC, id DESC LIMIT %(most)s)
    ) AS both_halves ORDER BY verified_at DESC, id DESC LIMIT %(most)s
), grouped AS (
    SELECT CASE WHEN grouping(domain_digest) = 0 THEN 'domain' WHEN grouping(network_digest) = 0 THEN 'network'
            ELSE 'name_shape' END AS kind,
        coalesce(encode(domain_digest, 'hex'), encode(network_digest, 'hex'), name_shape) AS key,
        count(*) AS n, count(*) FILTER (WHERE held) AS held
    FROM looked_at
    GROUP BY GROUPING SETS ((domain_digest), (network_digest), (name_shape))
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY n DESC, key) AS rank
    FROM grouped WHERE key <> '' AND n >= %(smallest)s
)
SELECT 'all', '', count(*), count(*) FILTER (WHERE held) FROM looked_at
UNION ALL
SELECT 'form_age', below::text, count(*) FILTER (WHERE form_age_s < below), 0
    FROM looked_at CROSS JOIN unnest(%(form_ages)s::integer[]) AS below GROUP BY below
UNION ALL
SELECT 'proof', below::text,
    count(*) FILTER (WHERE verified_at - signed_at < make_interval(secs => below)), 0
    FROM looked_at CROSS JOIN unnest(%(proof_speeds)s::integer[]) AS below GROUP BY below
UNION ALL
(SELECT kind, key, n, held FROM ranked WHERE rank <= %(shown)s ORDER BY kind, rank)
"""

# Stops at the fifth row of each: a big provider is not counted to its end.
_BIG_ENOUGH = """
SELECT digest FROM unnest(%(digests)s::bytea[]) AS digest
WHERE %(smallest)s <= (
    SELECT count(*) FROM (
        SELECT FROM petitions_signature
        WHERE petition_id = %(petition_id)s AND domain_digest = digest LIMIT %(smallest)s
    ) AS met
)
"""
_ONE_OF_EACH = """
SELECT signature.* FROM unnest(%(digests)s::bytea[]) AS digest
CROSS JOIN LATERAL (
    SELECT * FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND domain_digest = digest LIMIT 1
) AS signature
"""


def clusters_of(*, petition_id: int, since: datetime, until: datetime) -> Clusters:
    """
    This function will find what the signatures proved in a span have in common, in three statements.

    Args:    since, until: of the proof; `until` itself is left out. What cases removed is left out, too.
    Returns: of each kind the CLUSTERS_SHOWN biggest clusters of at least SMALLEST_NAMED_CLUSTER rows.
    """
    found = _look(petition_id=petition_id, since=since, until=until)
    total = next(row[2] for row in found if row[0] == "all")
    digests = {bytes.fromhex(row[1]) for row in found if row[0] == ClusterKind.DOMAIN}
    domains = named_domains(petition_id=petition_id, digests=digests)
    labels = {digest.hex(): name for digest, name in domains.items()}
    return Clusters(
        rows=total,
        is_cut=total == MOST_ROWS,
        groups={kind.value: _clusters(found, kind, labels, total) for kind in ClusterKind},
        form_ages=_speeds(found, "form_age", total),
        proof_speeds=_speeds(found, "proof", total),
    )


def named_domains(*, petition_id: int, digests: Collection[bytes]) -> dict[bytes, str]:
    """
    This function will name mail domains by opening one address of each; in two statements, none without digests.

    Returns: only those of at least SMALLEST_NAMED_CLUSTER signatures: a smaller one may be one person's own.
    """
    if not digests:
        return {}
    parameters: dict[str, Any] = {
        "petition_id": petition_id,
        "digests": sorted(digests),
        "smallest": SMALLEST_NAMED_CLUSTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BIG_ENOUGH, parameters)
        big_enough = [bytes(row[0]) for row in cursor.fetchall()]
    if not big_enough:
        return {}
    rows = Signature.objects.raw(_ONE_OF_EACH, {**parameters, "digests": big_enough})
    return {bytes(row.domain_digest or b""): domain_of(email_of(row)) for row in rows}


def _look(*, petition_id: int, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = {
        "petition_id": petition_id,
        "since": since,
        "until": until,
        "most": MOST_ROWS,
        "smallest": SMALLEST_NAMED_CLUSTER,
        "shown": CLUSTERS_SHOWN,
        "form_ages": list(FORM_AGES_S),
        "proof_speeds": list(PROOF_SPEEDS_S),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTERS, parameters)
        return list(cursor.fetchall())


def _clusters(found: list[tuple[Any, ...]], kind: ClusterKind, labels: dict[str, str], total: int) -> list[Cluster]:
    return [
        Cluster(key=key, label=labels.get(key, ""), rows=n, held=held, share=100 * n / total)
        for found_kind, key, n, held in found
        if found_kind == kind
    ]


def _speeds(found: list[tuple[Any, ...]], kind: str, total: int) -> list[Speed]:
    speeds = sorted((int(key), n) for found_kind, key, n, _held in found if found_kind == kind)
    return [Speed(below_s=below, rows=n, share=100 * n / total) for below, n in speeds if n]
