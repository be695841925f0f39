"""What signing and proving read, one statement each: names and placeholders, no input."""

from outbox.flights import Statement
from outbox.rows import RowText
from petitions.models import PendingSignature, Petition

PETITION = RowText(Petition, has_number=True)
ATTEMPT = RowText(PendingSignature, has_number=True)

# Two posts of one person would otherwise both read "two mails so far": the second waits here, and reads after the first.
LOCK_PERSON = Statement("SELECT pg_advisory_xact_lock(%(key)s)")
# What one attempt depends on. Its number is drawn here, since the link in its mail names it.
SIGNING_FACTS = Statement(f"""
SELECT {PETITION.columns_of("petition")},
    (SELECT id FROM petitions_signature WHERE petition_id = petition.id AND identity_digest = %(digest)s),
    (SELECT count(*) FROM outbox_outgoingmessage WHERE unique_key = ANY(%(mail_keys)s)),
    (
        SELECT count(*) FROM petitions_pendingsignature
        WHERE petition_id = petition.id AND identity_digest = %(digest)s AND mailed_on = %(day)s AND mail_number IS NULL
    ),
    nextval('petitions_pendingsignature_id_seq')
FROM petitions_petition petition WHERE slug = %(slug)s
""")  # noqa: S608 # names, no input


def _proof_facts(*, number: str) -> Statement:
    return Statement(f"""
SELECT {ATTEMPT.columns_of("attempt")}, {PETITION.columns_of("petition")}, {number}
FROM petitions_pendingsignature attempt JOIN petitions_petition petition ON petition.id = attempt.petition_id
WHERE attempt.id = %(attempt_id)s AND attempt.petition_id = %(petition_id)s
""")  # noqa: S608 # names, no input


# Looking at a link changes nothing, not even a sequence; proving draws the signature's number, which its mail names.
PROOF_FACTS = _proof_facts(number="NULL::bigint")
PROOF_FACTS_WITH_NUMBER = _proof_facts(number="nextval('petitions_signature_id_seq')")
NEXT_SIGNATURE_NUMBER = Statement("SELECT nextval('petitions_signature_id_seq')")
