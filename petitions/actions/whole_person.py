"""Everything that one person left at any petition, found by their address alone: for whoever asks an operator to be forgotten."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.actions import record_audit
from accounts.identity import identity_of
from petitions.actions.leaving import Left, erase, forget_person, withdraw
from petitions.models import Petition, Signature


@dataclass(frozen=True, kw_only=True)
class PersonLeft:
    """What was found of a person and taken, in numbers."""

    signatures: int
    attempts: int
    messages: int


def forget_whole_person(*, address: str, withdraws: bool, now: datetime) -> PersonLeft:
    """
    Erase or withdraw all signatures of one person, on all petitions, in one transaction. Doing so again finds less.

    Args:   address: valid; found are also those that the rules about mail domains say are the same person's.
            withdraws: take the signatures off the count, too; else they go on counting for nobody.
    Writes: for each petition what `withdraw` or `erase` writes, and without a signature what `forget_person` does;
            one audit row that holds numbers alone.
    """
    digests = identity_of(address=address).digests
    with transaction.atomic():
        taken = [
            _forget_at(petition, digests=digests, withdraws=withdraws, now=now)
            for petition in Petition.objects.order_by("pk")
        ]
        left = PersonLeft(
            signatures=sum(signatures for signatures, _left in taken),
            attempts=sum(left.attempts for _signatures, left in taken),
            messages=sum(left.messages for _signatures, left in taken),
        )
        verb = "person.withdrawn" if withdraws else "person.erased"
        subject = f"{left.signatures} signatures, {left.attempts} attempts, {left.messages} messages"
        record_audit(team=None, actor=None, verb=verb, subject=subject, now=now)
    return left


def _forget_at(petition: Petition, *, digests: frozenset[bytes], withdraws: bool, now: datetime) -> tuple[int, Left]:
    """This function will forget a person at one petition and return how many signatures that took, and what else."""
    found = Signature.objects.filter(petition=petition, identity_digest__in=digests).select_related("petition")
    act, left = (withdraw, found) if withdraws else (erase, found.filter(erased_at__isnull=True))
    lefts = [act(signature=row, now=now) for row in left.select_for_update(of=("self",)).order_by("pk")]
    lefts.append(forget_person(petition=petition, digests=digests, now=now))
    total = Left(attempts=sum(left.attempts for left in lefts), messages=sum(left.messages for left in lefts))
    return len(lefts) - 1, total
