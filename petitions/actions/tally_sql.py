"""
The statements of the tally. Each one is whole in itself: its parts share one snapshot and commit or vanish together.

Every statement below runs while the caller holds the tally lock of its petition, taken by a statement of its own
before, so that its snapshot already sees what the last holder committed.

Why sums are changed by UPDATE first and INSERT for the rest, and not by ON CONFLICT DO UPDATE: PostgreSQL checks
`n >= 0` on the row proposed for insertion, so that a lone -1 would be refused although the sum stays positive.
"""

# One number per petition in the space of advisory locks.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('petitions.tally', %(petition_id)s))"
WAIT_FOR_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('petitions.tally', %(petition_id)s))"

# Takes the oldest entries first. A -1 always has a higher id than the +1 of the same signature, because it is written
# only once that +1 is committed; so no batch can hold the -1 without the +1 being in it or in an earlier one, and no
# bucket falls below zero.
FOLD = """
WITH owed AS (
    DELETE FROM petitions_tallyentry
    WHERE id IN (
        SELECT id FROM petitions_tallyentry
        WHERE petition_id = %(petition_id)s
        ORDER BY id
        LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, delta, reason, occurred_at, bucket_at, country, channel
), before AS (
    SELECT coalesce((SELECT total FROM petitions_tally WHERE petition_id = %(petition_id)s), 0) AS total
), by_bucket AS (
    SELECT bucket_at, country, channel, sum(delta) AS n FROM owed GROUP BY 1, 2, 3 HAVING sum(delta) <> 0
), changed_buckets AS (
    UPDATE petitions_tallybucket AS bucket SET n = bucket.n + by_bucket.n
    FROM by_bucket
    WHERE bucket.petition_id = %(petition_id)s
      AND (bucket.starts_at, bucket.country, bucket.channel)
        = (by_bucket.bucket_at, by_bucket.country, by_bucket.channel)
    RETURNING bucket.starts_at, bucket.country, bucket.channel
), new_buckets AS (
    INSERT INTO petitions_tallybucket (petition_id, starts_at, country, channel, n)
    SELECT %(petition_id)s, bucket_at, country, channel, n
    FROM by_bucket
    WHERE (bucket_at, country, channel) NOT IN (SELECT starts_at, country, channel FROM changed_buckets)
), reasons AS (
    INSERT INTO petitions_tallyreasontotal AS known (petition_id, reason, n)
    SELECT %(petition_id)s, reason, count(*) FROM owed GROUP BY reason
    ON CONFLICT (petition_id, reason) DO UPDATE SET n = known.n + excluded.n
), change AS (
    SELECT sum(delta) AS n FROM owed HAVING count(*) > 0
), changed_total AS (
    UPDATE petitions_tally SET total = total + change.n, as_of = greatest(as_of, %(now)s)
    FROM change
    WHERE petition_id = %(petition_id)s
    RETURNING petition_id
), new_total AS (
    INSERT INTO petitions_tally (petition_id, total, as_of)
    SELECT %(petition_id)s, change.n, %(now)s FROM change WHERE NOT EXISTS (SELECT FROM changed_total)
), running AS (
    SELECT occurred_at, delta,
        (SELECT total FROM before) + sum(delta) OVER (ORDER BY occurred_at, id ROWS UNBOUNDED PRECEDING) AS total, id
    FROM owed
), reached AS (
    INSERT INTO petitions_milestone (petition_id, threshold, reached_at)
    SELECT DISTINCT ON (running.total) petition.id, running.total, running.occurred_at
    FROM running
    JOIN petitions_petition AS petition ON petition.id = %(petition_id)s AND running.total = ANY(petition.ladder)
    WHERE running.delta = 1
    ORDER BY running.total, running.occurred_at, running.id
    ON CONFLICT (petition_id, threshold) DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM owed), coalesce((SELECT array_agg(id) FROM reached), '{}')
"""

# Signatures and entries are committed together, so in one snapshot the signatures hold all that the entries owe: what
# is owed at that instant is settled by deleting it, and what comes later is folded later. A correction is a -1 and a +1:
# it says nothing about how many were ever proved.
RECOUNT = """
WITH settled AS (
    DELETE FROM petitions_tallyentry
    WHERE petition_id = %(petition_id)s
    RETURNING id, delta, reason, occurred_at
), counted AS (
    SELECT date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00:00Z') AS starts_at, country, channel,
        count(*) AS n
    FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND invalidated_at IS NULL AND held_at IS NULL
    GROUP BY 1, 2, 3
), truth AS (
    SELECT coalesce(sum(n), 0)::bigint AS total FROM counted
), changed_buckets AS (
    UPDATE petitions_tallybucket AS bucket SET n = counted.n
    FROM counted
    WHERE bucket.petition_id = %(petition_id)s AND bucket.n <> counted.n
      AND (bucket.starts_at, bucket.country, bucket.channel) = (counted.starts_at, counted.country, counted.channel)
), new_buckets AS (
    INSERT INTO petitions_tallybucket (petition_id, starts_at, country, channel, n)
    SELECT %(petition_id)s, starts_at, country, channel, n
    FROM counted
    WHERE (starts_at, country, channel) NOT IN (
        SELECT starts_at, country, channel FROM petitions_tallybucket WHERE petition_id = %(petition_id)s
    )
), empty_buckets AS (
    DELETE FROM petitions_tallybucket
    WHERE petition_id = %(petition_id)s
      AND (starts_at, country, channel) NOT IN (SELECT starts_at, country, channel FROM counted)
), changed_total AS (
    UPDATE petitions_tally SET total = truth.total, as_of = greatest(as_of, %(now)s)
    FROM truth
    WHERE petition_id = %(petition_id)s
    RETURNING petition_id
), new_total AS (
    INSERT INTO petitions_tally (petition_id, total, as_of)
    SELECT %(petition_id)s, total, %(now)s FROM truth WHERE NOT EXISTS (SELECT FROM changed_total)
), left_by AS (
    SELECT reason, sum(n) AS n FROM (
        SELECT reason, n FROM petitions_tallyreasontotal WHERE petition_id = %(petition_id)s
        UNION ALL
        SELECT reason, 1 FROM settled
    ) AS folded_and_settled
    WHERE reason <> 'proved'
    GROUP BY reason
), reasons AS (
    INSERT INTO petitions_tallyreasontotal (petition_id, reason, n)
    SELECT %(petition_id)s, reason, n FROM left_by
    UNION ALL
    SELECT %(petition_id)s, 'proved', greatest(0, total + coalesce(
        (SELECT sum(CASE reason WHEN 'restored' THEN -n WHEN 'corrected' THEN 0 ELSE n END) FROM left_by), 0)) FROM truth
    ON CONFLICT (petition_id, reason) DO UPDATE SET n = excluded.n
), running AS (
    SELECT occurred_at, delta, (SELECT total FROM truth) - (SELECT sum(delta) FROM settled)
        + sum(delta) OVER (ORDER BY occurred_at, id ROWS UNBOUNDED PRECEDING) AS total, id
    FROM settled
), reached AS (
    INSERT INTO petitions_milestone (petition_id, threshold, reached_at)
    SELECT DISTINCT ON (running.total) petition.id, running.total, running.occurred_at
    FROM running
    JOIN petitions_petition AS petition ON petition.id = %(petition_id)s AND running.total = ANY(petition.ladder)
    WHERE running.delta = 1
    ORDER BY running.total, running.occurred_at, running.id
    ON CONFLICT (petition_id, threshold) DO NOTHING
    RETURNING id
)
SELECT (SELECT total FROM truth), coalesce((SELECT array_agg(id) FROM reached), '{}')
"""

# For a threshold that was passed before anybody watched for it: a ladder that was changed, a count that was loaded.
RECORD_PASSED_MILESTONES = """
INSERT INTO petitions_milestone (petition_id, threshold, reached_at)
SELECT petition.id, step, nth.verified_at
FROM petitions_petition AS petition
JOIN petitions_tally AS tally ON tally.petition_id = petition.id
CROSS JOIN LATERAL unnest(petition.ladder) AS step
CROSS JOIN LATERAL (
    SELECT verified_at FROM petitions_signature
    WHERE petition_id = petition.id AND invalidated_at IS NULL AND held_at IS NULL
    ORDER BY verified_at, id
    OFFSET step - 1 LIMIT 1
) AS nth
WHERE petition.id = %(petition_id)s AND step <= tally.total
  AND NOT EXISTS (SELECT FROM petitions_milestone WHERE petition_id = petition.id AND threshold = step)
ON CONFLICT (petition_id, threshold) DO NOTHING
"""
