"""The proof that makes an attempt a signature, and owes it to the count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from accounts.identity import identity_of
from accounts.rule_sets import forget_rule_sets
from outbox.flights import Statement
from outbox.prepared import one_transaction, run_prepared
from outbox.queue import email_parameters
from petitions.actions.signing import sql
from petitions.actions.signing.attempts import Attempt, check_eligible
from petitions.actions.signing.errors import ProofLinkExpired, ProofTooLate
from petitions.actions.signing.mails import confirmation_mail
from petitions.models import CommentState, PendingSignature, Petition, ProvedBy, TallyReason
from petitions.queries.links import ProofLink
from petitions.queries.sealed import email_of
from petitions.queries.signed_details import columns_of_all, what_is_asked
from petitions.queries.signing import next_signature_number, proof_facts
from petitions.rules.periods import bucket_start
from petitions.rules.signing import ProofState
from petitions.rules.typed import TypedDetails


def verify_signature(*, link: ProofLink, corrected: TypedDetails | None = None, now: datetime) -> Petition:
    """
    Prove a signature by the link that was mailed; any link of a person who has proved already succeeds, too.

    Args:    link: from open_proof_link, which lets none pass that is forged or cut.
             corrected: what its signer put right on the page of the link, from DetailsForm; None: as it was typed.
    Returns: the petition.
    Raises:  ProofLinkExpired past settings.PROOF_LINK_LIFETIME, or when the attempt is gone without a signature;
             ProofTooLate past settings.SIGNING_GRACE_AFTER_CLOSING; NotEligible by a corrected country.
    Writes:  see prove_attempt.
    Source:  design section 5, «Proof».
    """
    with one_transaction():
        facts = proof_facts(link=link, now=now, draws_number=True)
        if facts.petition is None or facts.state is ProofState.EXPIRED:
            raise ProofLinkExpired
        if facts.state is ProofState.TOO_LATE:
            raise ProofTooLate(facts.petition)
        if facts.attempt is not None:
            prove_attempt(
                number=facts.signature_number,
                attempt=facts.attempt,
                title=facts.title,
                proved_by=ProvedBy.MAIL,
                corrected=corrected,
                now=now,
                commits=True,
            )
        return facts.petition


def prove_attempt(
    *,
    number: int | None = None,
    attempt: PendingSignature,
    title: str,
    proved_by: ProvedBy,
    corrected: TypedDetails | None = None,
    now: datetime,
    commits: bool = False,
) -> int | None:
    """
    Make an attempt a signature, in the caller's transaction. The caller has made sure whose address it is.

    Args:    number: drawn for the signature beforehand; else drawn here by a statement more.
             commits: the caller's block ends with this, see run_together.
             attempt: with its petition.  title: of the petition, in the attempt's language.
    Returns: the number of the new signature; None if that person's is there already or the attempt has just gone.
    Raises:  NotEligible by a corrected country.
    Writes:  the Signature, once for a person and petition under any concurrency; deletes the person's attempts; with a
             new Signature only: the mail that confirms it and, unless the attempt is held, a TallyEntry of +1.
    """
    opened = Attempt.of(attempt, typed=corrected and _corrected(attempt, corrected))
    number = number or next_signature_number()
    confirmation = confirmation_mail(attempt=opened, title=title, signature_id=number, now=now)
    values = {
        **_values_of(opened, proved_by=proved_by, is_corrected=corrected is not None, now=now),
        **email_parameters(**confirmation),
        "number": number,
    }
    statement = sql.PROVE if corrected is None else sql.PROVE_CORRECTED
    proved, versions = _write_proof(statement, values, attempt=opened, commits=commits)
    if versions.newest != versions.used:
        # The rules about mail domains have changed since this process read them: nothing was written.
        forget_rule_sets()
        proved, _ = _write_proof(statement, values, attempt=opened, commits=commits)
    return proved


def _corrected(attempt: PendingSignature, corrected: TypedDetails) -> TypedDetails:
    """
    This function will return what its signer has put right, if that may be signed with; the proof writes it.

    No attempt is updated: two proofs that had each locked their own would then wait for each other.
    """
    if corrected.country != attempt.country:
        check_eligible(petition=attempt.petition, address=email_of(attempt), country=corrected.country)
    return what_is_asked(typed=corrected, petition=attempt.petition)


def _values_of(attempt: Attempt, *, proved_by: ProvedBy, is_corrected: bool, now: datetime) -> dict[str, Any]:
    """This function will name what the statement of the proof needs to know beside whose signature it is."""
    verified_at = max(now, attempt.made_at)  # the clocks of two servers may differ a little
    has_comment = attempt.petition.asks_comment and bool(attempt.typed.comment)
    values = {
        "attempt_id": attempt.pk,
        "petition_id": attempt.petition_id,
        "verified_at": verified_at,
        "bucket_at": bucket_start(verified_at),
        "reason": TallyReason.PROVED,
        "proved_by": proved_by,
        "comment_state": CommentState.WAITING if has_comment else CommentState.NONE,
    }
    return values | sql.CORRECTED.parameters(columns_of_all(typed=attempt.typed)) if is_corrected else values


class _Versions(NamedTuple):
    """Which version of the rules about mail domains is in force, and which one a proof went by."""

    newest: int | None
    used: int


def _write_proof(
    statement: Statement, values: Mapping[str, Any], *, attempt: Attempt, commits: bool
) -> tuple[int | None, _Versions]:
    """
    This function will insert the signature of an attempt with all that follows it, and delete that person's attempts.

    Returns: its number, None if that person's is there already or the rules that made the identity are not in force any
             more.
    The constraint decides, also between two transactions: the second waits for the first.
    """
    identity = identity_of(address=attempt.address)
    former = identity.former
    who = {
        "identity_digest": identity.digest,
        "identity_version": identity.version,
        "former_versions": [version for version, _ in former],
        "former_digests": [digest for _, digest in former],
        "digests": list(identity.digests | {attempt.identity_digest}),
    }
    proved, newest = run_prepared(statement, {**values, **who}, commits=commits) or (None, None)
    return proved, _Versions(newest=newest, used=identity.version)
