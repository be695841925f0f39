"""What supporters change of their own signature while it stays: what they said of themselves, and whether they get news."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from petitions.actions.leaving import lock_signature, owe_entry
from petitions.actions.milestone_news import forget_owed_news
from petitions.models import Signature, TallyReason
from petitions.queries.asking import asked_of
from petitions.queries.links import open_news_token
from petitions.queries.my_signature import state_digest
from petitions.queries.sealed import email_of
from petitions.queries.signed_details import columns_of_all, typed_of
from petitions.rules.comments import state_after_change
from petitions.rules.eligibility import EligibilityProblem, eligibility_problem
from petitions.rules.typed import TypedDetails


class SignatureNameless(Exception):
    """The name was erased: nothing of it is left that could be corrected, and nobody to write to."""


class SignatureChanged(Exception):
    """Something else was stored since the page was opened: in another tab, on another device."""


class NoLongerEligible(Exception):
    """What was typed does not meet the petition's public rule of who may sign."""

    def __init__(self, problem: EligibilityProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def correct_signature(*, token: str, typed: TypedDetails, seen: str, now: datetime) -> Signature:
    """
    Correct what a supporter said of themselves. Sending the same again changes nothing.

    Args:   typed: from CorrectionForm. Its wish for news is not read: that is an act of its own.
            seen: `state_digest` of what was stored when the page was made.
    Raises: BadToken; SignatureGone; SignatureNameless after an erasure; SignatureChanged; NoLongerEligible by a new
            country.
    Writes: the row. A comment in other words, or beside a name that nobody has reviewed, waits for its review and is on
            no page until then. For another country a TallyEntry of -1 for the old one and then one of +1 for the new
            one, the -1 first, so that the total never stands one too high in between.
    """
    with transaction.atomic():
        signature = _lock_named(token=token, now=now)
        before = typed_of(signature)
        typed = replace(typed, wants_news=before.wants_news, news_consent_id=before.news_consent_id)
        if typed == before:
            return signature
        if seen != state_digest(typed=before):
            raise SignatureChanged
        if typed.country != before.country:
            _check_country(signature, country=typed.country)
        _write(signature, before=before, typed=typed)
        if typed.country != before.country:
            owe_entry(signature, delta=-1, reason=TallyReason.CORRECTED, country=before.country, now=now)
            owe_entry(signature, delta=1, reason=TallyReason.CORRECTED, country=typed.country, now=now)
        return signature


def join_news(*, token: str, language: str, consent_id: int | None, now: datetime) -> None:
    """
    Begin the news of a petition for one supporter. Joining again changes nothing.

    Args:   consent_id: the version of the words that stood on the page, None for the site's own.
    Raises: BadToken; SignatureGone; SignatureNameless; SignatureChanged if the words are others by now: nobody agrees
            to what they have not read.
    Writes: wants_news and the version of the words.
    """
    with transaction.atomic():
        signature = _lock_named(token=token, now=now)
        if signature.wants_news:
            return
        newest = asked_of(petition=signature.petition, language=language).news_consent
        if consent_id != (newest.pk if newest else None):
            raise SignatureChanged
        signature.wants_news, signature.news_consent = True, newest
        signature.save(update_fields=["wants_news", "news_consent"])


def leave_news(*, token: str, now: datetime) -> None:
    """
    End the news of a petition for one supporter, by the link of the mail. Doing so again, or after leaving, changes nothing.

    Raises: BadToken.
    Writes: wants_news; forgets the news that is owed already.
    Source: RFC 8058; a mail provider may send it for its user, who then sees no page of ours.
    """
    signature_id = open_news_token(token=token, now=now)
    with transaction.atomic():
        _end_news(Signature.objects.select_for_update().filter(pk=signature_id).first(), now=now)


def leave_news_of_mine(*, token: str, now: datetime) -> None:
    """
    End the news of a petition for one supporter, by the link to the signature. Doing so again changes nothing.

    Raises: BadToken; SignatureGone.
    Writes: as `leave_news`.
    """
    with transaction.atomic():
        _end_news(lock_signature(token=token, now=now), now=now)


def _lock_named(*, token: str, now: datetime) -> Signature:
    signature = lock_signature(token=token, now=now)
    if signature.erased_at is not None:
        raise SignatureNameless
    return signature


def _end_news(signature: Signature | None, *, now: datetime) -> None:
    if signature is None or not signature.wants_news:
        return
    signature.wants_news, signature.news_consent = False, None
    signature.save(update_fields=["wants_news", "news_consent"])
    forget_owed_news(signature=signature, now=now)


def _check_country(signature: Signature, *, country: str) -> None:
    petition = signature.petition
    problem = eligibility_problem(
        who_may_sign=petition.who_may_sign,
        domains=petition.allowed_domains,
        countries=petition.allowed_countries,
        address=email_of(signature),
        country=country,
    )
    if problem is not None and problem is not EligibilityProblem.DOMAIN:  # the address is not what is corrected here
        raise NoLongerEligible(problem)


def _write(signature: Signature, *, before: TypedDetails, typed: TypedDetails) -> None:
    columns = columns_of_all(typed=typed)
    state = state_after_change(
        state=signature.comment_state,
        old_comment=before.comment,
        comment=typed.comment,
        old_name=before.name,
        name=typed.name,
        old_name_shown=before.name_shown,
        name_shown=typed.name_shown,
    )
    if state != signature.comment_state:
        columns |= {"comment_state": state, "comment_decided_at": None}
    for column, value in columns.items():
        setattr(signature, column, value)
    signature.save(update_fields=[column.removesuffix("_id") for column in columns])
