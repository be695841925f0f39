"""What the tests of cases share: signatures and attempts as a defence leaves them, and a case run to its end."""

import itertools
from datetime import datetime
from typing import Any

from accounts.models import User
from outbox.digests import keyed_digest
from petitions.actions.cases import advance_case, preview_case, release_what_undone_cases_held, run_case, undo_case
from petitions.models import (
    HeldReason,
    IntegrityCase,
    PendingSignature,
    Petition,
    RemovalReason,
    Signature,
    TallyEntry,
)
from petitions.rules.cases import Conditions
from tests.factories import NOW, make_membership, make_pending_signature, make_signature

BAD_DOMAIN = keyed_digest(text="bots.example", purpose="mail-domain")
NETWORK = keyed_digest(text="a network of that day", purpose="test-network")
_numbers = itertools.count(1)
OF_BOTS = Conditions(domain=BAD_DOMAIN.hex())


def make_proved(petition: Petition, *, held: str = "", **columns: Any) -> Signature:
    """A signature; `held` for a reason it is not counted, and owes nothing."""
    moment = {name: columns.pop(name) for name in ("verified_at", "signed_at", "country", "email") if name in columns}
    signature = make_signature(petition=petition, owed=not held, **moment)
    if held:
        columns |= {"held_reason": held, "held_at": signature.verified_at}
    Signature.objects.filter(pk=signature.pk).update(**columns)
    signature.refresh_from_db()
    return signature


def make_bots(petition: Petition, n: int, **columns: Any) -> list[Signature]:
    return [
        make_proved(petition, email=f"bot{next(_numbers)}@bots.example", domain_digest=BAD_DOMAIN, **columns)
        for _ in range(n)
    ]


def make_attempt(petition: Petition, *, held: str = "", **columns: Any) -> PendingSignature:
    moment = {name: columns.pop(name) for name in ("created_at", "country", "email") if name in columns}
    attempt = make_pending_signature(petition=petition, mail_number=None, **moment)
    PendingSignature.objects.filter(pk=attempt.pk).update(held_reason=held, **columns)
    attempt.refresh_from_db()
    return attempt


def organiser_of(petition: Petition) -> User:
    return make_membership(team=petition.team).user


def make_case(
    petition: Petition,
    *,
    conditions: Conditions = OF_BOTS,
    actor: User | None = None,
    note: str = "Sent by one program.",
    now: datetime = NOW,
) -> IntegrityCase:
    return preview_case(
        petition=petition,
        conditions=conditions,
        reason=RemovalReason.AUTOMATED,
        note=note,
        actor=actor or organiser_of(petition),
        now=now,
    )


def begin_run(case: IntegrityCase, *, now: datetime = NOW) -> IntegrityCase:
    return run_case(petition=case.petition, case_id=case.pk, actor=case.created_by, now=now)


def begin_undoing(case: IntegrityCase, *, now: datetime = NOW) -> IntegrityCase:
    return undo_case(petition=case.petition, case_id=case.pk, reason="It was a school.", actor=case.created_by, now=now)


def advance_to_the_end(case: IntegrityCase, *, now: datetime = NOW, batch: int = 500) -> IntegrityCase:
    while advance_case(case_id=case.pk, now=now, batch=batch):
        pass
    while release_what_undone_cases_held(now=now):
        pass
    case.refresh_from_db()
    return case


def make_done_case(petition: Petition, **preview: Any) -> IntegrityCase:
    return advance_to_the_end(begin_run(make_case(petition, **preview)))


def owed_by(petition: Petition) -> dict[str, int]:
    """The sum of the entries that wait, by reason."""
    owed: dict[str, int] = {}
    for reason, delta in TallyEntry.objects.filter(petition=petition).values_list("reason", "delta"):
        owed[reason] = owed.get(reason, 0) + delta
    return owed


HELD = HeldReason.FORM_AGE
