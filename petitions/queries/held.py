"""What waits for somebody to look: held signatures and held attempts, in groups and one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from petitions.models import HeldReason, PendingSignature, Petition, Signature
from petitions.queries.clusters import named_domains
from petitions.queries.sealed import name_of
from petitions.rules.comments import initials

GROUPS_SHOWN = 12
MOST_ROWS = 200_000
_SIDES = ("reason", "hour", "domain", "network")
# What a case has taken is no question any more; undoing that case answers it.
_HELD = """
    SELECT '{kind}' AS kind, held_reason, date_trunc('hour', {instant}, 'UTC') AS hour, domain_digest, network_digest
    FROM {table} WHERE petition_id = %(petition_id)s AND {is_held} ORDER BY id DESC LIMIT %(most)s
"""
_GROUPS = f"""
WITH held AS MATERIALIZED (
    ({
    _HELD.format(
        kind="signatures",
        instant="verified_at",
        table="petitions_signature",
        is_held="held_at IS NOT NULL AND invalidated_at IS NULL AND held_reason <> 'case'",
    )
})
    UNION ALL
    ({
    _HELD.format(
        kind="attempts",
        instant="created_at",
        table="petitions_pendingsignature",
        is_held="held_reason <> '' AND case_id IS NULL",
    )
})
), grouped AS (
    SELECT CASE WHEN grouping(held_reason) = 0 THEN 'reason' WHEN grouping(hour) = 0 THEN 'hour'
            WHEN grouping(domain_digest) = 0 THEN 'domain' ELSE 'network' END AS side,
        coalesce(held_reason, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI'),
            encode(domain_digest, 'hex'), encode(network_digest, 'hex')) AS key,
        count(*) FILTER (WHERE kind = 'signatures') AS signatures, count(*) FILTER (WHERE kind = 'attempts') AS attempts
    FROM held
    GROUP BY GROUPING SETS ((held_reason), (hour), (domain_digest), (network_digest))
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY side ORDER BY CASE WHEN side = 'hour' THEN key END DESC,
        signatures + attempts DESC, key) AS rank
    FROM grouped WHERE key IS NOT NULL
)
SELECT side, key, signatures, attempts FROM ranked
WHERE rank <= %(shown)s AND (side IN ('reason', 'hour') OR signatures + attempts >= %(smallest)s)
ORDER BY side, rank
"""  # noqa: S608 # our own words, no input


@dataclass(frozen=True, kw_only=True)
class HeldGroup:
    """What is held and has one thing in common."""

    key: str
    label: str
    signatures: int
    attempts: int
    hour: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class HeldFilter:
    """Which held rows are shown; "" and None ask for nothing."""

    reason: str = ""
    hour: datetime | None = None
    domain: str = ""
    network: str = ""

    def as_conditions(self) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        if self.reason:
            asked["held_reason"] = self.reason
        if self.domain:
            asked["domain_digest"] = bytes.fromhex(self.domain)
        if self.network:
            asked["network_digest"] = bytes.fromhex(self.network)
        return asked


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """One held row as a person judges it: without an address, the name as its initials."""

    pk: int
    reason: str
    initials: str
    domain: str
    country: str
    name_shape: str
    form_age_s: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HeldCounts:
    signatures: int
    attempts: int


def held_counts(*, petition: Petition) -> HeldCounts:
    """This function will count what waits to be looked at, from the two small indexes of what is held."""
    everything = HeldFilter()
    return HeldCounts(
        signatures=held_signatures(petition=petition, asked=everything).count(),
        attempts=held_attempts(petition=petition, asked=everything).count(),
    )


def held_groups(*, petition: Petition) -> dict[str, list[HeldGroup]]:
    """This function will group what is held by reason, hour, domain and network; in at most three statements."""
    parameters = {"petition_id": petition.pk, "most": MOST_ROWS, "shown": GROUPS_SHOWN, "smallest": 2}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, parameters)
        found = cursor.fetchall()
    digests = {bytes.fromhex(key) for side, key, _s, _a in found if side == "domain"}
    domains = {digest.hex(): name for digest, name in named_domains(petition_id=petition.pk, digests=digests).items()}
    groups: dict[str, list[HeldGroup]] = {side: [] for side in _SIDES}
    for side, key, signatures, attempts in found:
        label = {"reason": _reason_label(key), "domain": domains.get(key, "")}.get(side, "")
        hour = datetime.fromisoformat(f"{key}:00+00:00") if side == "hour" else None
        group = HeldGroup(key=key, label=label, signatures=signatures, attempts=attempts, hour=hour)
        groups[side].append(group)
    return {side: found for side, found in groups.items() if found}


def held_signatures(*, petition: Petition, asked: HeldFilter) -> QuerySet[Signature]:
    """This function will find the held signatures of a petition, newest first."""
    held = Signature.objects.filter(petition=petition, held_at__isnull=False, invalidated_at__isnull=True)
    held = held.exclude(held_reason=HeldReason.CASE).filter(**asked.as_conditions())
    if asked.hour is not None:
        held = held.filter(verified_at__gte=asked.hour, verified_at__lt=asked.hour + timedelta(hours=1))
    return held.order_by("-verified_at", "-id")


def held_attempts(*, petition: Petition, asked: HeldFilter) -> QuerySet[PendingSignature]:
    """This function will find the held attempts of a petition that no case has taken, newest first."""
    held = PendingSignature.objects.filter(petition=petition, case__isnull=True).exclude(held_reason="")
    held = held.filter(**asked.as_conditions())
    if asked.hour is not None:
        held = held.filter(created_at__gte=asked.hour, created_at__lt=asked.hour + timedelta(hours=1))
    return held.order_by("-id")


def held_rows(rows: list[Signature] | list[PendingSignature], *, petition: Petition) -> list[HeldRow]:
    """This function will show some held rows without saying who they are, with two statements."""
    digests = {bytes(row.domain_digest) for row in rows if row.domain_digest}
    domains = named_domains(petition_id=petition.pk, digests=digests)
    return [
        HeldRow(
            pk=row.pk,
            reason=_reason_label(row.held_reason),
            initials=initials(name_of(row)),
            domain=domains.get(bytes(row.domain_digest or b""), ""),
            country=row.country,
            name_shape=row.name_shape,
            form_age_s=row.form_age_s,
            at=row.created_at if isinstance(row, PendingSignature) else row.verified_at,
        )
        for row in rows
    ]


def _reason_label(reason: str) -> str:
    return str(HeldReason(reason).label) if reason in HeldReason.values else reason
