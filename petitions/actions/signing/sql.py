"""The statements of signing and proving that the ORM cannot say in one: names and placeholders, no input."""

from outbox.flights import Statement
from outbox.queue import insert_email
from outbox.rows import RowText
from petitions.models import PendingSignature

ATTEMPT = RowText(PendingSignature, has_number=True)
UNNUMBERED_ATTEMPT = RowText(PendingSignature)

# An attempt, the entry that counts it and the mail that it owes. What is not kept is counted all the same.
KEEP_ATTEMPT = Statement(f"""
WITH entry AS (
    INSERT INTO petitions_attemptentry (petition_id, occurred_at, held_reason)
    VALUES (%(petition_id)s, %(created_at)s, %(held_reason)s)
), mail AS ({insert_email(source="WHERE %(is_mailed)s")}
)
INSERT INTO petitions_pendingsignature ({ATTEMPT.columns}) SELECT {ATTEMPT.placeholders} WHERE %(is_kept)s
""")  # noqa: S608 # names, no input
# The same without a mail, for an account's own address.
KEEP_PROVED_ATTEMPT = Statement(f"""
WITH entry AS (
    INSERT INTO petitions_attemptentry (petition_id, occurred_at, held_reason)
    VALUES (%(petition_id)s, %(created_at)s, %(held_reason)s)
)
INSERT INTO petitions_pendingsignature ({UNNUMBERED_ATTEMPT.columns}) VALUES ({UNNUMBERED_ATTEMPT.placeholders})
RETURNING id
""")  # noqa: S608 # names, no input

_COPIED = """
    petition_id, email_sealed, language, channel, domain_digest, network_digest, form_age_s, held_reason
"""
_NEWEST_RULES = "(SELECT max(version) FROM accounts_maildomainruleset)"
# Beside the constraint: the digest was made by the rules in force, and no signature that was never re-keyed carries what
# an earlier version of them made of the same address.
_IS_NEW_PERSON = f"""
        %(identity_version)s = {_NEWEST_RULES}
        AND NOT EXISTS (
            SELECT FROM unnest(%(former_versions)s::int[], %(former_digests)s::bytea[]) said (version, digest)
            JOIN petitions_signature former ON former.petition_id = attempt.petition_id
                AND former.identity_digest = said.digest AND former.identity_version = said.version
        )
"""  # names, no input
# What its signer may put right.
CORRECTED = RowText(
    PendingSignature,
    only=(
        "name_sealed",
        "name_shape",
        "name_shown",
        "country",
        "wants_news",
        "news_consent_id",
        "choices",
        "details_sealed",
    ),
)


def _prove(*, details: str) -> Statement:
    # Whoever was held stays uncounted by the proof, until somebody has looked; a comment waits for its review.
    # The attempts go after the insert, which may wait for another proof of the same person: that one deletes them first,
    # and would otherwise wait for us. They stay when the rules have changed, for then the proof is tried again.
    return Statement(f"""
WITH proved AS (
    INSERT INTO petitions_signature (
        id, identity_digest, identity_version,
        {_COPIED}, {CORRECTED.columns}, signed_at, verified_at, held_at, comment_state, proved_by, case_id
    )
    SELECT %(number)s, %(identity_digest)s, %(identity_version)s,
        {_COPIED}, {details}, created_at, %(verified_at)s,
        CASE WHEN held_reason <> '' THEN %(verified_at)s::timestamptz END, %(comment_state)s, %(proved_by)s, case_id
    FROM petitions_pendingsignature attempt WHERE id = %(attempt_id)s AND {_IS_NEW_PERSON}
    ON CONFLICT ON CONSTRAINT signature_unique_identity_per_petition DO NOTHING
    RETURNING id, petition_id, verified_at, held_at, country, channel
), owed_to_count AS (
    INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
    SELECT petition_id, 1, %(reason)s, verified_at, %(bucket_at)s, country, channel FROM proved WHERE held_at IS NULL
), mail AS ({insert_email(source="FROM proved")}
), done AS (
    DELETE FROM petitions_pendingsignature
    WHERE petition_id = %(petition_id)s AND identity_digest = ANY(%(digests)s)
      AND (SELECT count(*) FROM proved) >= 0 AND %(identity_version)s = {_NEWEST_RULES}
)
SELECT (SELECT id FROM proved), {_NEWEST_RULES}
""")  # noqa: S608 # names, no input


# The row of the attempt becomes the signature's in the database itself, sealed as it is; or what was corrected does.
PROVE = _prove(details=CORRECTED.columns)
PROVE_CORRECTED = _prove(details=CORRECTED.placeholders)
