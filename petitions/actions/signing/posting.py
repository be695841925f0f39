"""An attempt to sign, with the mail it owes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.identity import identity_digest
from outbox.models import SwitchName
from outbox.prepared import one_transaction
from outbox.switches import switch_state
from petitions.actions.signing.attempts import Attempt, check_eligible, columns_of, write_attempt
from petitions.actions.signing.errors import PetitionNotOpen
from petitions.actions.signing.mails import mail_for
from petitions.models import Petition
from petitions.queries.mail_keys import mail_keys
from petitions.queries.signed_details import what_is_asked
from petitions.queries.signing import SigningFacts, locked_signing_facts
from petitions.rules.defence import Judgement
from petitions.rules.signing import MAILS_PER_DAY, takes_signatures
from petitions.rules.typed import TypedDetails


@dataclass(frozen=True, kw_only=True)
class TypedSignature(TypedDetails):
    """What a person typed into the form, cleaned and checked by it."""

    email: str

    @classmethod
    def of(cls, details: TypedDetails, *, email: str) -> "TypedSignature":
        """This function will add the address to the details of a form."""
        return cls(email=email, **vars(details))


def sign_petition(
    *, slug: str, typed: TypedSignature, judged: Callable[[], Judgement] = Judgement, language: str, now: datetime
) -> None:
    """
    Take an attempt to sign and owe its mail; the caller learns nothing about the address.

    Args:   typed: from SigningForm.  judged: from begin_to_judge; asked once what the database knows has come, so that
            nobody waits for both one after the other.
            language: the one that the form was read in.  now: aware UTC instant.
    Raises: Petition.DoesNotExist; PetitionNotOpen while it or the whole site is paused, once closed and before it was opened; NotEligible.
    Writes: one AttemptEntry; one PendingSignature; owes one mail: the link to prove it or, to who has proved already, the
            link to that signature. An attempt whose mail is withheld owes none until it is released. After
            MAILS_PER_DAY mails (or attempts withheld) to one person for one petition on one UTC day only the entry: an
            attempt without a mail could never be proved, so keeping its name and address would serve nobody.
    Source: design section 5, «Signing». Every branch seals the same and takes three statements, so that the time
            it takes says nothing about an address.
    """
    digest, today = identity_digest(address=typed.email), now.date()
    keys = mail_keys(slug=slug, digest=digest, day=today)
    site_takes_signatures = not switch_state(SwitchName.PAUSE_SIGNING).is_on
    with one_transaction():
        facts = locked_signing_facts(slug=slug, digest=digest, mail_keys=keys, day=today)
        if not site_takes_signatures:
            raise PetitionNotOpen(facts.petition)
        _check_may_sign(petition=facts.petition, address=typed.email, country=typed.country, now=now)
        attempt = Attempt(
            pk=facts.attempt_number,
            petition=facts.petition,
            address=typed.email,
            identity_digest=digest,
            typed=what_is_asked(typed=typed, petition=facts.petition),
            language=language,
            made_at=now,
        )
        _keep(attempt, judgement=judged(), facts=facts, keys=keys)


def _check_may_sign(*, petition: Petition, address: str, country: str, now: datetime) -> None:
    if not takes_signatures(state=petition.state, closes_at=petition.closes_at, now=now):
        raise PetitionNotOpen(petition)
    check_eligible(petition=petition, address=address, country=country)


def _keep(attempt: Attempt, *, judgement: Judgement, facts: SigningFacts, keys: list[str]) -> None:
    """
    This function will write an attempt and owe its mail; over the day's limit the same statement writes nothing of it.

    The mail of an attempt that staff see first is written all the same, and owed to nobody.
    """
    withholds_mail = judgement.withholds_mail
    mails_today = 0 if withholds_mail else facts.mails_today
    is_kept = (facts.withheld_today if withholds_mail else mails_today) < MAILS_PER_DAY
    mail_number = mails_today + 1 if is_kept and not withholds_mail else None
    # Over the limit this is the key of the last mail, which is owed already: owing it again changes nothing.
    unique_key = keys[min(mails_today, MAILS_PER_DAY - 1)]
    mail = mail_for(attempt, facts=facts, unique_key=unique_key, now=attempt.made_at)
    columns = columns_of(attempt, judgement=judgement, mail_number=mail_number)
    write_attempt(columns, is_kept=is_kept, mail=mail, is_mailed=not withholds_mail)
