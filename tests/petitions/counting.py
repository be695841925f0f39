"""What the tests of the count share: the invariant, read in one snapshot, and the ways in which signatures come and go."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Sum

from petitions.models import (
    Milestone,
    Petition,
    Signature,
    TallyBucket,
    TallyReason,
)
from petitions.queries.reconciliation import TallyState, Window, tally_state, wrong_cells
from petitions.rules.periods import bucket_start
from tests.factories import NOW, make_signature, make_tally_entry


def state_of(petition: Petition) -> TallyState:
    return tally_state(petition_id=petition.pk)


def assert_count_is_true(petition: Petition) -> None:
    """published + owed = counted, as a whole and in each cell, and whatever adds up to it does, in one snapshot each."""
    state = state_of(petition)
    assert state.published + state.owed == state.counted, state
    assert state.in_buckets == state.by_reasons == state.in_hours == state.published, state
    assert wrong_cells(petition_id=petition.pk, window=Window()) == []


def withdraw(signature: Signature, *, at: datetime = NOW) -> None:
    with transaction.atomic():
        make_tally_entry(signature=signature, delta=-1, reason=TallyReason.WITHDRAWN, occurred_at=at)
        signature.delete()


def invalidate(signature: Signature, *, at: datetime = NOW) -> None:
    with transaction.atomic():
        make_tally_entry(signature=signature, delta=-1, reason=TallyReason.INVALIDATED, occurred_at=at)
        Signature.objects.filter(pk=signature.pk).update(invalidated_at=at)


def restore(signature: Signature, *, at: datetime = NOW) -> None:
    with transaction.atomic():
        make_tally_entry(signature=signature, delta=1, reason=TallyReason.RESTORED, occurred_at=at)
        Signature.objects.filter(pk=signature.pk).update(invalidated_at=None)


def sign_every_second(
    petition: Petition, times: int, *, first_at: datetime = NOW, country: str = "FR"
) -> list[Signature]:
    return [
        make_signature(petition=petition, verified_at=first_at + timedelta(seconds=n), country=country)
        for n in range(times)
    ]


def load_signatures(
    petition: Petition,
    n: int,
    *,
    first_at: datetime = NOW,
    apart: timedelta = timedelta(seconds=1),
    owed: bool = True,
    first_number: int = 0,
) -> None:
    """Many proved signatures at once, a second apart unless told, each with its entry while `owed`."""
    parameters: dict[str, Any] = {
        "petition": petition.pk,
        "n": n,
        "first_at": first_at,
        "apart": apart,
        "first_number": first_number,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOAD_SIGNATURES, parameters)
        if owed:
            cursor.execute(_OWE_SIGNATURES, parameters)


def blocks_read(model: type[Model]) -> int:
    """How many blocks of a table this transaction has asked for so far, whether or not they were in memory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_blocks_fetched(%s::regclass)", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def buckets_of(petition: Petition) -> dict[tuple[datetime, str, str], int]:
    rows = TallyBucket.objects.filter(petition=petition, n__gt=0)
    return {(row.starts_at, row.country, row.channel): row.n for row in rows}


def milestones_by_threshold(petition: Petition) -> dict[int, datetime]:
    return dict(Milestone.objects.filter(petition=petition).values_list("threshold", "reached_at"))


def bucket_total(petition: Petition) -> int:
    return TallyBucket.objects.filter(petition=petition).aggregate(n=Sum("n"))["n"] or 0


def quarter_of(signature: Signature) -> datetime:
    return bucket_start(signature.verified_at)


_LOAD_SIGNATURES = """
INSERT INTO petitions_signature (petition_id, identity_digest, email_sealed, name_sealed, country, wants_news, language,
    channel, signed_at, verified_at)
SELECT %(petition)s, sha256(int4send(%(first_number)s + k)), 'x', 'x', (ARRAY['FR', 'DE', ''])[k %% 3 + 1], false, 'en', 'web',
    at - interval '5 minutes', at
FROM generate_series(1, %(n)s) AS k, LATERAL (SELECT %(first_at)s + k * %(apart)s AS at) AS instant
"""
_OWE_SIGNATURES = """
INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
SELECT petition_id, 1, 'proved', verified_at, date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00Z'),
    country, channel
FROM petitions_signature WHERE petition_id = %(petition)s AND verified_at > %(first_at)s ORDER BY id
"""


def rows_of_count(petition: Petition) -> str:
    """All that folds and recounts write about a petition, as PostgreSQL writes it, without surrogate keys and as_of."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS_OF_COUNT, {"petition": petition.pk})
        return "\n".join(row[0] for row in cursor.fetchall())


_ROWS_OF_COUNT = """
SELECT line FROM (
    SELECT 1 AS part, total::text AS line FROM petitions_tally WHERE petition_id = %(petition)s
    UNION ALL
    SELECT 2, (starts_at, country, channel, n)::text FROM petitions_tallybucket WHERE petition_id = %(petition)s
    UNION ALL
    SELECT 3, (reason, n)::text FROM petitions_tallyreasontotal WHERE petition_id = %(petition)s
    UNION ALL
    SELECT 4, (starts_at, n)::text FROM petitions_tallyhour WHERE petition_id = %(petition)s AND n > 0
) AS every_row ORDER BY part, line
"""
