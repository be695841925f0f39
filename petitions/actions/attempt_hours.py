"""Adding attempts up by the hour. Signing writes an entry for each; nothing else reads or deletes them."""

from django.db import connection, transaction

FOLD_BATCH = 20_000

# A statement of its own, so that the next one sees what the last holder committed. Two folds at once would each hold
# rows of hours that the other waits for.
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('petitions.attempt_hours', 0))"
_FOLD = """
WITH taken AS (
    DELETE FROM petitions_attemptentry
    WHERE id IN (SELECT id FROM petitions_attemptentry ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    RETURNING petition_id, occurred_at, held_reason
), added AS (
    INSERT INTO petitions_attempthour AS known (petition_id, starts_at, held_reason, n)
    SELECT petition_id, date_trunc('hour', occurred_at, 'UTC'), held_reason, count(*) FROM taken GROUP BY 1, 2, 3
    ON CONFLICT (petition_id, starts_at, held_reason) DO UPDATE SET n = known.n + excluded.n
)
SELECT count(*) FROM taken
"""


@transaction.atomic
def fold_attempts(*, batch: int = FOLD_BATCH) -> int:
    """
    This function will add the oldest entries to their hours, all or none of them.

    Args:    batch: the most entries taken at once.
    Returns: how many; 0 when none wait, or while another process is at it.
    Writes:  deletes AttemptEntry rows; AttemptHour.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRY_LOCK)
        if not (cursor.fetchone() or (False,))[0]:
            return 0
        cursor.execute(_FOLD, {"batch": batch})
        return int((cursor.fetchone() or (0,))[0])
