"""The statements of signing and proving that the ORM cannot say in one: names and placeholders, no input."""

# An attempt and the entry that counts it. What is not kept is counted all the same.
COUNTED_ATTEMPT = """
WITH entry AS (
    INSERT INTO petitions_attemptentry (petition_id, occurred_at, held_reason)
    VALUES (%(petition_id)s, %(created_at)s, %(held_reason)s)
)
INSERT INTO petitions_pendingsignature ({columns}) SELECT {values} WHERE %(is_kept)s RETURNING id
"""
ATTEMPT = "INSERT INTO petitions_pendingsignature ({columns}) SELECT {values} WHERE %(is_kept)s RETURNING id"

_COPIED = """
    petition_id, email_sealed, language, channel, domain_digest, network_digest, form_age_s, held_reason
"""
# Beside the constraint: the digest was made by the rules in force, and no signature that was never re-keyed carries what
# an earlier version of them made of the same address.
_IS_NEW_PERSON = """
    %(identity_version)s = (SELECT max(version) FROM accounts_maildomainruleset)
    AND NOT EXISTS (
        SELECT FROM unnest(%(former_versions)s::int[], %(former_digests)s::bytea[]) said (version, digest)
        JOIN petitions_signature former ON former.petition_id = attempt.petition_id
            AND former.identity_digest = said.digest AND former.identity_version = said.version
    )
"""
CORRECTABLE = (
    "name_sealed",
    "name_shape",
    "name_shown",
    "country",
    "wants_news",
    "news_consent_id",
    "choices",
    "details_sealed",
)


def _prove(*, details: str) -> str:
    # Whoever was held stays uncounted by the proof, until somebody has looked; a comment waits for its review.
    return f"""
INSERT INTO petitions_signature (
    identity_digest, identity_version,
    {_COPIED}, {", ".join(CORRECTABLE)}, signed_at, verified_at, held_at, comment_state, proved_by, case_id
)
SELECT %(identity_digest)s, %(identity_version)s,
    {_COPIED}, {details}, created_at, %(verified_at)s,
    CASE WHEN held_reason <> '' THEN %(verified_at)s::timestamptz END, %(comment_state)s, %(proved_by)s, case_id
FROM petitions_pendingsignature attempt WHERE id = %(attempt_id)s AND {_IS_NEW_PERSON}
ON CONFLICT ON CONSTRAINT signature_unique_identity_per_petition DO NOTHING
RETURNING id, held_at IS NOT NULL
"""  # noqa: S608 # names, no input


# The row of the attempt becomes the signature's in the database itself, sealed as it is; or what was corrected does.
PROVE = _prove(details=", ".join(CORRECTABLE))
PROVE_CORRECTED = _prove(details=", ".join(f"%({column})s" for column in CORRECTABLE))
