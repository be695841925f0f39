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

# The instant of the last entry of a batch; no row: all that is owed makes no whole one. A statement of its own, so that the
# planner of the next one knows how many entries lie before that instant. It must not guess: it would read the whole
# backlog for each batch, or look for the batch's end again for each entry.
BATCH_END = """
SELECT occurred_at FROM petitions_tallyentry
WHERE petition_id = %(petition_id)s
ORDER BY occurred_at, id OFFSET %(batch)s - 1 LIMIT 1
"""

# Takes the entries of the earliest instants first, so that a milestone falls on the same entry whatever the size of the
# batches. All entries of one instant are taken together: a correction is a -1 and a +1 of the same one, and a total that
# stood between the two would not be what the reasons add up to. A -1 may bear an earlier instant than the +1 it takes
# back, where two clocks differ: a batch that ended right between them would leave a bucket below zero, is refused by its
# constraint, and is taken again with more (fold_tally). Of all that one snapshot shows, no bucket ever falls below zero,
# for that is what the signatures of it say; so the last batch has no end.
FOLD = """
WITH owed AS (
    DELETE FROM petitions_tallyentry
    WHERE petition_id = %(petition_id)s AND occurred_at <= coalesce(%(batch_end)s::timestamptz, 'infinity')
    RETURNING id, delta, reason, occurred_at, bucket_at, country, channel
), before AS (
    SELECT coalesce((SELECT total FROM petitions_tally WHERE petition_id = %(petition_id)s), 0) AS total
), sums AS MATERIALIZED (
    -- All that needs no instant adds up from these few rows: once through the entries, not once for each sum.
    SELECT reason, sum(delta) AS n, count(*) AS entries, count(*) FILTER (WHERE delta = 1) AS up FROM owed GROUP BY reason
), by_bucket AS (
    -- Of the entries and not of sums of them: what is summed up twice the planner takes for a handful.
    SELECT bucket_at, country, channel, sum(delta) AS n FROM owed GROUP BY 1, 2, 3 HAVING sum(delta) <> 0
), changed_buckets AS (
    UPDATE petitions_tallybucket AS bucket SET n = bucket.n + by_bucket.n
    FROM by_bucket
    WHERE bucket.petition_id = %(petition_id)s AND bucket.n + by_bucket.n <> 0
      AND (bucket.starts_at, bucket.country, bucket.channel)
        = (by_bucket.bucket_at, by_bucket.country, by_bucket.channel)
    RETURNING bucket.starts_at, bucket.country, bucket.channel
), left_buckets AS (
    DELETE FROM petitions_tallybucket AS bucket USING by_bucket
    WHERE bucket.petition_id = %(petition_id)s AND bucket.n + by_bucket.n = 0
      AND (bucket.starts_at, bucket.country, bucket.channel)
        = (by_bucket.bucket_at, by_bucket.country, by_bucket.channel)
    RETURNING bucket.starts_at, bucket.country, bucket.channel
), known_buckets AS (
    SELECT starts_at, country, channel FROM changed_buckets
    UNION ALL SELECT starts_at, country, channel FROM left_buckets
), new_buckets AS (
    INSERT INTO petitions_tallybucket (petition_id, starts_at, country, channel, n)
    SELECT %(petition_id)s, bucket_at, country, channel, n
    FROM by_bucket
    -- Not as a join: whatever number of buckets the planner expects, this looks each of them up in a table of hashes.
    WHERE (bucket_at, country, channel) NOT IN (SELECT starts_at, country, channel FROM known_buckets)
), reasons AS (
    INSERT INTO petitions_tallyreasontotal AS known (petition_id, reason, n)
    SELECT %(petition_id)s, reason, entries FROM sums
    ON CONFLICT (petition_id, reason) DO UPDATE SET n = known.n + excluded.n
), change AS (
    SELECT sum(n) AS n FROM sums HAVING count(*) > 0
), changed_total AS (
    UPDATE petitions_tally SET total = total + change.n, as_of = greatest(as_of, %(now)s)
    FROM change
    WHERE petition_id = %(petition_id)s
    RETURNING petition_id
), new_total AS (
    INSERT INTO petitions_tally (petition_id, total, as_of)
    SELECT %(petition_id)s, change.n, %(now)s FROM change WHERE NOT EXISTS (SELECT FROM changed_total)
), passing AS (
    -- Most folds come near no threshold: then nothing below is sorted.
    SELECT step FROM petitions_petition AS petition, unnest(petition.ladder) AS step, before,
        (SELECT sum(up) AS up, sum(entries - up) AS down FROM sums) AS moves
    WHERE petition.id = %(petition_id)s AND step > before.total - moves.down AND step <= before.total + moves.up
), running AS MATERIALIZED (
    SELECT occurred_at, delta,
        (SELECT total FROM before) + sum(delta) OVER (ORDER BY occurred_at, id ROWS UNBOUNDED PRECEDING) AS total, id
    FROM owed WHERE EXISTS (SELECT FROM passing)
), reached AS (
    INSERT INTO petitions_milestone (petition_id, threshold, reached_at)
    SELECT DISTINCT ON (running.total) %(petition_id)s, running.total, running.occurred_at
    FROM running JOIN passing ON passing.step = running.total
    WHERE running.delta = 1
    ORDER BY running.total, running.occurred_at, running.id
    ON CONFLICT (petition_id, threshold) DO NOTHING
    RETURNING id
)
SELECT coalesce((SELECT sum(entries) FROM sums), 0), coalesce((SELECT array_agg(id) FROM reached), '{}')
"""

# Who recounts has often just restored or loaded the tables, and nothing has been analysed: the planner takes them for
# nearly empty and would compare each cell with each other one. A million signatures took minutes instead of seconds.
JOIN_WHOLE_SETS = "SET LOCAL enable_nestloop = off"
JOIN_AS_USUAL = "SET LOCAL enable_nestloop = on"

# Signatures and entries are committed together, so in one snapshot the signatures hold all that the entries owe: what
# is owed at that instant is settled by deleting it, and what comes later is folded later. A correction is a -1 and a +1:
# it says nothing about how many were ever proved.
#
# It leaves the very rows that the folds leave: no bucket and no reason of 0, and no total where nothing was ever owed.
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
    WHERE NOT EXISTS (
        SELECT FROM petitions_tallybucket AS known
        WHERE known.petition_id = %(petition_id)s
          AND (known.starts_at, known.country, known.channel) = (counted.starts_at, counted.country, counted.channel)
    )
), left_buckets AS (
    DELETE FROM petitions_tallybucket AS bucket
    WHERE petition_id = %(petition_id)s AND NOT EXISTS (
        SELECT FROM counted
        WHERE (counted.starts_at, counted.country, counted.channel) = (bucket.starts_at, bucket.country, bucket.channel)
    )
), changed_total AS (
    UPDATE petitions_tally AS tally SET total = truth.total, as_of = greatest(as_of, %(now)s)
    FROM truth
    WHERE petition_id = %(petition_id)s AND (tally.total <> truth.total OR EXISTS (SELECT FROM settled))
), new_total AS (
    INSERT INTO petitions_tally (petition_id, total, as_of)
    SELECT %(petition_id)s, total, %(now)s FROM truth WHERE total > 0 OR EXISTS (SELECT FROM settled)
    ON CONFLICT (petition_id) DO NOTHING
), left_by AS (
    SELECT reason, sum(n) AS n FROM (
        SELECT reason, n FROM petitions_tallyreasontotal WHERE petition_id = %(petition_id)s
        UNION ALL
        SELECT reason, 1 FROM settled
    ) AS folded_and_settled
    WHERE reason <> 'proved'
    GROUP BY reason
), taken AS (
    SELECT total + coalesce((SELECT sum(n) FROM left_by WHERE reason IN ('withdrawn', 'invalidated')), 0) AS n FROM truth
), restored AS (
    SELECT least(taken.n, coalesce((SELECT n FROM left_by WHERE reason = 'restored'), 0)) AS n FROM taken
), true_reasons AS (
    SELECT reason, n FROM left_by WHERE reason <> 'restored'
    UNION ALL
    SELECT 'restored', n FROM restored
    UNION ALL
    SELECT 'proved', taken.n - restored.n FROM taken, restored
), left_reasons AS (
    DELETE FROM petitions_tallyreasontotal
    WHERE petition_id = %(petition_id)s AND reason IN (SELECT reason FROM true_reasons WHERE n = 0)
), reasons AS (
    INSERT INTO petitions_tallyreasontotal (petition_id, reason, n)
    SELECT %(petition_id)s, reason, n FROM true_reasons WHERE n > 0
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

# The hours are sums of the buckets and kept by the database, so a recount has nothing to say to them: unless something else
# wrote there. An hour that everybody left keeps its row of 0.
RECOUNT_HOURS = """
WITH summed AS (
    SELECT date_trunc('hour', starts_at, 'UTC') AS starts_at, sum(n) AS n
    FROM petitions_tallybucket WHERE petition_id = %(petition_id)s GROUP BY 1
), corrected AS (
    UPDATE petitions_tallyhour AS hour SET n = truth.n
    FROM (
        SELECT known.id, coalesce(summed.n, 0) AS n
        FROM petitions_tallyhour AS known LEFT JOIN summed USING (starts_at)
        WHERE known.petition_id = %(petition_id)s
    ) AS truth
    WHERE hour.id = truth.id AND hour.n <> truth.n
)
INSERT INTO petitions_tallyhour (petition_id, starts_at, n)
SELECT %(petition_id)s, starts_at, n FROM summed
ON CONFLICT (petition_id, starts_at) DO NOTHING
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
