"""An attempt to sign: what its mail says and what its row keeps of it, and the entry that counts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outbox.digests import domain_digest
from outbox.prepared import run_prepared
from outbox.queue import Email, email_parameters
from outbox.sealing import seal
from petitions.actions.signing import sql
from petitions.actions.signing.errors import NotEligible
from petitions.models import Channel, PendingSignature, Petition
from petitions.queries.sealed import EMAIL_PURPOSE, email_of
from petitions.queries.signed_details import columns_of_all, typed_of
from petitions.rules.defence import Judgement
from petitions.rules.eligibility import eligibility_problem
from petitions.rules.typed import TypedDetails

_WEB = Channel.WEB.value


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt as its person made it, before it is sealed into a row or after a row was opened."""

    pk: int | None  # None: the database will number its row
    petition: Petition
    address: str
    identity_digest: bytes
    typed: TypedDetails  # without answers to what is not asked
    language: str
    made_at: datetime

    @property
    def petition_id(self) -> int:
        return self.petition.id

    @classmethod
    def of(cls, row: PendingSignature, *, typed: TypedDetails | None = None) -> "Attempt":
        """This function will open a row, its petition loaded. `typed`: what was put right; None: as it was typed."""
        return cls(
            pk=row.pk,
            petition=row.petition,
            address=email_of(row),
            identity_digest=bytes(row.identity_digest),
            typed=typed or typed_of(row),
            language=row.language,
            made_at=row.created_at,
        )


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


def columns_of(attempt: Attempt, *, judgement: Judgement, mail_number: int | None = None) -> dict[str, Any]:
    """This function will seal an attempt and name its row by column."""
    return {
        "id": attempt.pk,
        "petition_id": attempt.petition_id,
        "identity_digest": attempt.identity_digest,
        "email_sealed": seal(text=attempt.address, purpose=EMAIL_PURPOSE),
        "domain_digest": domain_digest(address=attempt.address),
        "network_digest": judgement.network_digest,
        "form_age_s": judgement.form_age_s,
        "held_reason": judgement.held_reason,
        "language": attempt.language,
        "channel": _WEB,
        "mailed_on": attempt.made_at.date(),
        "mail_number": mail_number,
        "created_at": attempt.made_at,
        **columns_of_all(typed=attempt.typed),
    }


def write_attempt(columns: dict[str, Any], *, is_kept: bool, mail: Email, is_mailed: bool) -> None:
    """
    This function will write an attempt, the entry that counts it and the mail that it owes, in one statement, and commit.

    Args: is_kept: False writes the entry and what is owed alone.  is_mailed: False owes nothing to anybody.
    """
    written: Email = {**mail, "domain_digest": columns["domain_digest"]}  # both are of the one address
    parameters = sql.ATTEMPT.parameters(columns) | email_parameters(**written)
    run_prepared(sql.KEEP_ATTEMPT, {**parameters, "is_kept": is_kept, "is_mailed": is_mailed}, commits=True)


def write_proved_attempt(columns: dict[str, Any], *, petition: Petition) -> PendingSignature:
    """This function will write an attempt that owes no mail, and the entry that counts it, in one statement."""
    row = run_prepared(sql.KEEP_PROVED_ATTEMPT, sql.UNNUMBERED_ATTEMPT.parameters(columns))
    attempt = PendingSignature(**{**columns, "id": row[0] if row else None})
    attempt.petition = petition
    return attempt
