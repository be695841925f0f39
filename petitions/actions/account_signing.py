"""Signing with an account: its address is proved already, so the signature counts without a mail."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.identity import identity_digest
from accounts.models import User
from outbox.models import SwitchName
from outbox.switches import switch_state
from petitions.actions.signing import PetitionNotOpen, TypedSignature, prove_attempt
from petitions.actions.signing.attempts import Attempt, check_eligible, columns_of, write_proved_attempt
from petitions.models import Petition, ProvedBy
from petitions.queries.asking import petitions_asking
from petitions.queries.signed_details import what_is_asked
from petitions.queries.texts import title_in
from petitions.rules.defence import Judgement
from petitions.rules.signing import takes_signatures


class AddressNotProved(Exception):
    """The account has no such address, or has not proved it."""


def sign_with_account(
    *, slug: str, user: User, typed: TypedSignature, judgement: Judgement, language: str, now: datetime
) -> None:
    """
    Sign with an address that the account has proved. Doing so again, or after signing by mail, changes nothing.

    Args:   typed: from AccountSigningForm.  judgement: from actions.defence, before this transaction.
    Raises: Petition.DoesNotExist; AddressNotProved; PetitionNotOpen; NotEligible.
    Writes: an AttemptEntry; the Signature and what follows it, see prove_attempt. It is held like any other one that is
            judged so: it does not count until staff release it, and nothing shows it.
    """
    site_takes_signatures = not switch_state(SwitchName.PAUSE_SIGNING).is_on
    with transaction.atomic():
        petition: Any = petitions_asking().annotate(title=title_in(language=language)).get(slug=slug)
        if not EmailAddress.objects.filter(user=user, email=typed.email, verified=True).exists():
            raise AddressNotProved
        if not (site_takes_signatures and _is_open(petition, now=now)):
            raise PetitionNotOpen(petition)
        check_eligible(petition=petition, address=typed.email, country=typed.country)
        attempt = Attempt(
            pk=None,
            petition=petition,
            address=typed.email,
            identity_digest=identity_digest(address=typed.email),
            typed=what_is_asked(typed=typed, petition=petition),
            language=language,
            made_at=now,
        )
        row = write_proved_attempt(columns_of(attempt, judgement=judgement), petition=petition)
        prove_attempt(attempt=row, title=petition.title or slug, proved_by=ProvedBy.ACCOUNT, now=now)


def _is_open(petition: Petition, *, now: datetime) -> bool:
    return takes_signatures(state=petition.state, closes_at=petition.closes_at, now=now)
