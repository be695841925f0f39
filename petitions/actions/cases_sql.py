"""
The statements of cases. Each is whole in itself, and runs in the transaction that moves its case's bookmark.

Rows are locked in the order of their ids, signatures before members: so whoever withdraws meanwhile, holding a signature
and about to delete its membership, is waited for and never waited on in a circle. What they leave is simply gone.
"""

_OF_BOTH = """
    AND (%(domain)s::bytea IS NULL OR domain_digest = %(domain)s)
    AND (%(network)s::bytea IS NULL OR network_digest = %(network)s)
    AND (%(name_shape)s = '' OR name_shape = %(name_shape)s)
    AND (%(country)s = '' OR country = %(country)s)
    AND (%(form_age_below_s)s::integer IS NULL OR form_age_s < %(form_age_below_s)s)
"""

# The lock keeps a withdrawal from coming between here and the commit, where a member without a signature would be
# refused. It hinders nobody who corrects or proves.
FIND = f"""
WITH signatures AS (
    SELECT id, held_at IS NULL AS counts FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND invalidated_at IS NULL {_OF_BOTH}
      AND (%(held)s = '' OR held_at IS NOT NULL AND %(held)s IN ('any', held_reason))
      AND (%(since)s::timestamptz IS NULL OR verified_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR verified_at < %(until)s)
      AND (%(proof_below_s)s::integer IS NULL OR verified_at - signed_at < make_interval(secs => %(proof_below_s)s))
    ORDER BY id LIMIT %(most)s + 1 FOR KEY SHARE
), attempts AS (
    SELECT id FROM petitions_pendingsignature
    WHERE petition_id = %(petition_id)s AND case_id IS NULL AND %(proof_below_s)s::integer IS NULL {_OF_BOTH}
      AND (%(held)s = '' OR held_reason <> '' AND %(held)s IN ('any', held_reason))
      AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
    ORDER BY id LIMIT %(most)s + 1
), members AS (
    INSERT INTO petitions_casemember (case_id, signature_id, attempt_id, changed_it)
    SELECT %(case_id)s, id, NULL::bigint, false FROM signatures
    UNION ALL
    SELECT %(case_id)s, NULL::bigint, id, false FROM attempts
)
SELECT count(*) FILTER (WHERE counts), count(*) FILTER (WHERE NOT counts), (SELECT count(*) FROM attempts) FROM signatures
"""  # noqa: S608 # our own words, no input

_QUARTER_HOUR = "date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00:00Z')"

# Only what counts owes a -1. What was held stays held, and is now removed as well. An attempt keeps the reason for which
# it was held before, if there was one: undoing must find it again.
RUN_BATCH = f"""
WITH batch AS MATERIALIZED (
    SELECT id, signature_id, attempt_id FROM petitions_casemember
    WHERE case_id = %(case_id)s AND id > %(bookmark)s ORDER BY id LIMIT %(batch)s
), signatures AS MATERIALIZED (
    SELECT signature.id FROM petitions_signature AS signature JOIN batch ON batch.signature_id = signature.id
    ORDER BY signature.id FOR NO KEY UPDATE OF signature
), removed AS (
    UPDATE petitions_signature AS signature SET invalidated_at = %(now)s,
        case_id = CASE WHEN held_at IS NOT NULL AND held_reason = 'case' THEN case_id ELSE %(case_id)s END
    FROM signatures WHERE signature.id = signatures.id AND signature.invalidated_at IS NULL
    RETURNING signature.id, held_at, verified_at, country, channel
), owed AS (
    INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
    SELECT %(petition_id)s, -1, 'invalidated', %(now)s, {_QUARTER_HOUR}, country, channel
    FROM removed WHERE held_at IS NULL
    RETURNING id
), attempts AS MATERIALIZED (
    SELECT attempt.id FROM petitions_pendingsignature AS attempt JOIN batch ON batch.attempt_id = attempt.id
    ORDER BY attempt.id FOR NO KEY UPDATE OF attempt
), held AS (
    UPDATE petitions_pendingsignature AS attempt SET case_id = %(case_id)s,
        held_reason = CASE held_reason WHEN '' THEN 'case' ELSE held_reason END
    FROM attempts WHERE attempt.id = attempts.id AND attempt.case_id IS NULL
    RETURNING attempt.id
), marked AS (
    UPDATE petitions_casemember AS member SET changed_it = true
    FROM batch
    WHERE member.id = batch.id
      AND (member.signature_id IN (SELECT id FROM removed) OR member.attempt_id IN (SELECT id FROM held))
)
SELECT count(*), coalesce(max(id), 0), (SELECT count(*) FROM owed) FROM batch
"""  # noqa: S608 # our own words, no input

# Gives back what the run took and nothing else. Who withdrew meanwhile is no member any more; who was erased counts
# again, namelessly; who was held stays held.
UNDO_BATCH = f"""
WITH batch AS MATERIALIZED (
    SELECT id, signature_id, attempt_id, changed_it FROM petitions_casemember
    WHERE case_id = %(case_id)s AND id > %(bookmark)s ORDER BY id LIMIT %(batch)s
), signatures AS MATERIALIZED (
    SELECT signature.id FROM petitions_signature AS signature
    JOIN batch ON batch.changed_it AND batch.signature_id = signature.id
    ORDER BY signature.id FOR NO KEY UPDATE OF signature
), restored AS (
    UPDATE petitions_signature AS signature SET invalidated_at = NULL,
        case_id = CASE WHEN held_at IS NOT NULL AND held_reason = 'case' THEN case_id END
    FROM signatures WHERE signature.id = signatures.id AND signature.invalidated_at IS NOT NULL
    RETURNING signature.id, held_at, verified_at, country, channel
), owed AS (
    INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
    SELECT %(petition_id)s, 1, 'restored', %(now)s, {_QUARTER_HOUR}, country, channel
    FROM restored WHERE held_at IS NULL
    RETURNING id
), attempts AS MATERIALIZED (
    SELECT attempt.id FROM petitions_pendingsignature AS attempt
    JOIN batch ON batch.changed_it AND batch.attempt_id = attempt.id
    ORDER BY attempt.id FOR NO KEY UPDATE OF attempt
), freed AS (
    UPDATE petitions_pendingsignature AS attempt SET case_id = NULL,
        held_reason = CASE held_reason WHEN 'case' THEN '' ELSE held_reason END
    FROM attempts WHERE attempt.id = attempts.id AND attempt.case_id = %(case_id)s
)
SELECT count(*), coalesce(max(id), 0), (SELECT count(*) FROM owed) FROM batch
"""  # noqa: S608 # our own words, no input

_RELEASE = f"""
, released AS (
    UPDATE petitions_signature AS signature SET held_at = NULL
    FROM signatures
    WHERE signature.id = signatures.id AND signature.held_at IS NOT NULL AND signature.invalidated_at IS NULL
    RETURNING signature.petition_id, verified_at, country, channel
), owed AS (
    INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
    SELECT petition_id, 1, 'proved', %(now)s, {_QUARTER_HOUR}, country, channel FROM released
)
SELECT count(*) FROM released
"""  # noqa: S608 # our own words, no input

# A signature is held by a case when its attempt was: it was proved while the case stood. It is no member, for nobody
# had seen it. Once the case is undone nothing holds it any more; also a proof that was under way at that very moment.
RELEASE_WHAT_UNDONE_CASES_HELD = f"""
WITH signatures AS MATERIALIZED (
    SELECT signature.id FROM petitions_integritycase AS undone
    JOIN petitions_signature AS signature ON signature.case_id = undone.id
    WHERE undone.state = 'undone' AND signature.held_reason = 'case'
      AND signature.held_at IS NOT NULL AND signature.invalidated_at IS NULL
    ORDER BY signature.id LIMIT %(batch)s FOR NO KEY UPDATE OF signature
){_RELEASE}
"""  # noqa: S608 # our own words, no input

RELEASE_SHOWN = f"""
WITH signatures AS MATERIALIZED (
    SELECT id FROM petitions_signature
    WHERE petition_id = %(petition_id)s AND id = ANY(%(signature_ids)s::bigint[])
    ORDER BY id FOR NO KEY UPDATE
){_RELEASE}
"""  # noqa: S608 # our own words, no input
