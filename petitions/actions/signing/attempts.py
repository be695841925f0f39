"""The row of an attempt to sign, its place in the day's three mails, and its entry in the count of attempts."""

import hashlib
from datetime import datetime
from typing import Any

from outbox.digests import domain_digest
from outbox.prepared import run_prepared
from outbox.queue import Email, email_parameters
from outbox.sealing import seal
from petitions.actions.signing import sql
from petitions.actions.signing.errors import NotEligible
from petitions.models import Channel, PendingSignature, Petition
from petitions.queries.sealed import EMAIL_PURPOSE
from petitions.queries.signed_details import columns_of
from petitions.rules.defence import Judgement
from petitions.rules.eligibility import eligibility_problem
from petitions.rules.typed import TypedDetails


def check_eligible(*, petition: Petition, address: str, country: str) -> None:
    """This function will raise NotEligible for whoever does not meet the petition's public rule."""
    problem = eligibility_problem(
        who_may_sign=petition.who_may_sign,
        domains=petition.allowed_domains,
        countries=petition.allowed_countries,
        address=address,
        country=country,
    )
    if problem is not None:
        raise NotEligible(petition, problem)


def lock_person(*, slug: str, digest: bytes) -> None:
    """This function will make the attempts of one person for one petition wait for each other until the commit."""
    key = int.from_bytes(hashlib.blake2b(slug.encode() + digest, digest_size=8).digest(), signed=True)
    run_prepared(sql.LOCK_PERSON, {"key": key})


def attempt_of(
    *,
    number: int | None = None,
    petition: Petition,
    address: str,
    digest: bytes,
    details: TypedDetails,
    judgement: Judgement,
    language: str,
    now: datetime,
) -> PendingSignature:
    """This function will make the row of an attempt, sealed and unsaved; `number`: drawn for it beforehand."""
    return PendingSignature(
        id=number,
        petition=petition,
        identity_digest=digest,
        email_sealed=seal(text=address, purpose=EMAIL_PURPOSE),
        domain_digest=domain_digest(address=address),
        network_digest=judgement.network_digest,
        form_age_s=judgement.form_age_s,
        held_reason=judgement.held_reason,
        language=language,
        channel=Channel.WEB,
        mailed_on=now.date(),
        created_at=now,
        **columns_of(typed=details, petition=petition),
    )


def write_attempt(attempt: PendingSignature, *, is_kept: bool, mail: Email, is_mailed: bool) -> None:
    """
    This function will write an attempt, the entry that counts it and the mail that it owes, in one statement.

    Args: is_kept: False writes the entry and what is owed alone.  is_mailed: False owes nothing to anybody.
    """
    values = {**sql.ATTEMPT.values_of(attempt), **email_parameters(**mail)}
    run_prepared(sql.KEEP_ATTEMPT, {**values, "is_kept": is_kept, "is_mailed": is_mailed})


def write_proved_attempt(attempt: PendingSignature) -> None:
    """This function will write an attempt that owes no mail, and the entry that counts it, in one statement."""
    row = run_prepared(sql.KEEP_PROVED_ATTEMPT, sql.UNNUMBERED_ATTEMPT.values_of(attempt))
    attempt.pk = row[0] if row else None


def correctable_values_of(attempt: PendingSignature) -> dict[str, Any]:
    """This function will name, as the database takes them, the values that a signer may have put right."""
    values = sql.ATTEMPT.values_of(attempt)
    return {column: values[column] for column in sql.CORRECTABLE}
