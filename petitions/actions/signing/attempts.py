"""The row of an attempt to sign, its place in the day's three mails, and its entry in the count of attempts."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import connection

from outbox.digests import domain_digest
from outbox.sealing import seal
from petitions.actions.signing import sql
from petitions.actions.signing.errors import NotEligible
from petitions.models import AttemptEntry, Channel, PendingSignature, Petition
from petitions.queries.sealed import EMAIL_PURPOSE
from petitions.queries.signed_details import columns_of
from petitions.rules.defence import Judgement
from petitions.rules.eligibility import eligibility_problem
from petitions.rules.typed import TypedDetails

_COLUMNS = [field for field in PendingSignature._meta.local_concrete_fields if not field.primary_key]  # noqa: SLF001 # documented API


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def attempt_of(
    *,
    petition: Petition,
    address: str,
    digest: bytes,
    details: TypedDetails,
    judgement: Judgement,
    language: str,
    now: datetime,
) -> PendingSignature:
    """This function will make the row of an attempt, sealed and unsaved."""
    return PendingSignature(
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


def write_attempt(attempt: PendingSignature, *, is_kept: bool) -> None:
    """
    This function will write an attempt together with the entry that counts it, in one statement.

    Args: is_kept: False writes the entry alone; the row then keeps no number.
    """
    _write(sql.COUNTED_ATTEMPT, attempt, is_kept=is_kept)


def write_uncounted_attempt(attempt: PendingSignature, *, is_kept: bool) -> None:
    """This function will write an attempt alone, if it is kept at all; its entry is the caller's to write."""
    _write(sql.ATTEMPT, attempt, is_kept=is_kept)


def count_attempt(attempt: PendingSignature) -> None:
    """This function will write the entry that counts an attempt."""
    AttemptEntry.objects.create(
        petition_id=attempt.petition_id, occurred_at=attempt.created_at, held_reason=attempt.held_reason
    )


def correctable_values_of(attempt: PendingSignature) -> dict[str, Any]:
    """This function will name, as the database takes them, the values that a signer may have put right."""
    values = _values_of(attempt)
    return {column: values[column] for column in sql.CORRECTABLE}


def _write(statement: str, attempt: PendingSignature, *, is_kept: bool) -> None:
    text = statement.format(
        columns=", ".join(field.attname for field in _COLUMNS),
        values=", ".join(f"%({field.attname})s" for field in _COLUMNS),
    )
    with connection.cursor() as cursor:
        cursor.execute(text, {**_values_of(attempt), "is_kept": is_kept})
        row = cursor.fetchone()
    attempt.pk = row[0] if row else None


def _values_of(attempt: PendingSignature) -> dict[str, Any]:
    return {
        field.attname: field.get_db_prep_save(getattr(attempt, field.attname), connection=connection)
        for field in _COLUMNS
    }
