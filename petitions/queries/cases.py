"""Cases as their organisers see them: how far they have come, and a look at who is in them without naming anybody."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from petitions.models import CaseState, IntegrityCase, PendingSignature, Petition, Signature
from petitions.queries.clusters import named_domains
from petitions.queries.sealed import name_of
from petitions.rules.comments import initials

SAMPLE_ROWS = 12
# Members of a case stand side by side, so that a step through their ids meets them evenly; one look into the index each.
_SAMPLE = """
WITH ends AS (SELECT min(id) AS first, max(id) AS last FROM petitions_casemember WHERE case_id = %(case_id)s)
SELECT DISTINCT member.id, member.signature_id, member.attempt_id
FROM ends
CROSS JOIN generate_series(0, %(rows)s - 1) AS step
CROSS JOIN LATERAL (
    SELECT id, signature_id, attempt_id FROM petitions_casemember
    WHERE case_id = %(case_id)s AND id >= ends.first + (ends.last - ends.first) * step / greatest(1, %(rows)s - 1)
    ORDER BY id LIMIT 1
) AS member
ORDER BY member.id
"""


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """One member of a case, shown so that a person can judge the case without learning who this is."""

    is_attempt: bool
    initials: str
    domain: str  # "" for one of fewer than SMALLEST_NAMED_CLUSTER
    country: str
    name_shape: str
    form_age_s: int | None
    proof_s: int | None
    at: datetime
    is_held: bool


def cases_of(*, petition: Petition) -> QuerySet[IntegrityCase]:
    """This function will find the cases of a petition with who made them, newest first."""
    return IntegrityCase.objects.filter(petition=petition).select_related("created_by").order_by("-created_at", "-id")


def cases_under_way() -> list[int]:
    """This function will find the cases that are owed some work, oldest first."""
    under_way = IntegrityCase.objects.filter(state__in=[CaseState.RUNNING, CaseState.UNDOING])
    return list(under_way.order_by("id").values_list("id", flat=True))


def sample_of(*, case: IntegrityCase) -> list[SampleRow]:
    """This function will look at up to SAMPLE_ROWS members, spread over the whole case; in at most four statements."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"case_id": case.pk, "rows": SAMPLE_ROWS})
        members = cursor.fetchall()
    signatures = Signature.objects.in_bulk([row[1] for row in members if row[1]])
    attempts = PendingSignature.objects.in_bulk([row[2] for row in members if row[2]])
    rows = [signatures.get(row[1]) or attempts.get(row[2]) for row in members]  # an attempt may be gone by now
    found = [row for row in rows if row is not None]
    digests = {bytes(row.domain_digest) for row in found if row.domain_digest}
    domains = named_domains(petition_id=case.petition_id, digests=digests)
    return [_sample_row(row, domains) for row in found]


def waiting_members(*, case: IntegrityCase) -> int:
    """This function will tell how many members the run or the undoing under way has still to handle."""
    return max(0, case.found - case.handled)


def _sample_row(row: Signature | PendingSignature, domains: dict[bytes, str]) -> SampleRow:
    is_attempt = isinstance(row, PendingSignature)
    proof = None if isinstance(row, PendingSignature) else row.verified_at - row.signed_at
    return SampleRow(
        is_attempt=is_attempt,
        initials=initials(name_of(row)),
        domain=domains.get(bytes(row.domain_digest or b""), ""),
        country=row.country,
        name_shape=row.name_shape,
        form_age_s=row.form_age_s,
        proof_s=None if proof is None else round(proof.total_seconds()),
        at=row.created_at if isinstance(row, PendingSignature) else row.verified_at,
        is_held=bool(row.held_reason) if isinstance(row, PendingSignature) else row.held_at is not None,
    )
