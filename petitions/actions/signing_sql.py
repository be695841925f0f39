"""The one statement of a proof: the attempt's row becomes the signature's, sealed as it is, in the database itself."""

_COPIED = """
    petition_id, identity_digest, email_sealed, name_sealed, country, wants_news, language, channel, name_shown,
    details_sealed, choices, news_consent_id, domain_digest, network_digest, form_age_s, name_shape, held_reason
"""

# Whoever was held stays uncounted by the proof, until somebody has looked; a comment waits for its review.
PROVE = f"""
INSERT INTO petitions_signature ({_COPIED}, signed_at, verified_at, held_at, comment_state, case_id)
SELECT {_COPIED}, created_at, %(verified_at)s,
    CASE WHEN held_reason <> '' THEN %(verified_at)s::timestamptz END, 'none', case_id
FROM petitions_pendingsignature WHERE id = %(attempt_id)s
ON CONFLICT ON CONSTRAINT signature_unique_identity_per_petition DO NOTHING
RETURNING id
"""  # noqa: S608 # names, no input
