"""The four numbers that must agree: what is published, less what is owed, and what is proved, counted twice."""

THE_FOUR_SUMS = """
WITH of AS (SELECT id FROM petitions_petition WHERE slug = 'keep-gpt-4o')
SELECT (SELECT total FROM petitions_tally JOIN of ON petition_id = of.id),
    (SELECT count(*) FROM petitions_tallyentry JOIN of ON petition_id = of.id),
    (SELECT count(*) FROM petitions_signature JOIN of ON petition_id = of.id
        WHERE invalidated_at IS NULL AND held_at IS NULL),
    (SELECT coalesce(sum(n), 0)::bigint FROM petitions_tallybucket JOIN of ON petition_id = of.id)
"""
