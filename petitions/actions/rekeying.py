"""
Digests signatures anew when the rules about mail domains change, while people go on signing.

The order keeps everybody counted once. First the new version is put in force under a lock that lets every proof under way
commit by the old one; each later proof also looks for rows of earlier versions (actions.signing.sql). Then the rows are
moved, batch by batch. Two rows that turn out to be one person's are settled when the second one moves: the earliest that
counts stays, the other is taken off by a case, which says so in public and can be undone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from accounts.identity import identity_of, retired_digest
from accounts.models import User
from accounts.rule_sets import RuleSet, activate_rules, forget_rule_sets, rule_sets
from accounts.rules import MailRules
from outbox.sealing import CannotUnseal
from petitions.models import (
    CaseMember,
    CaseState,
    HeldReason,
    IntegrityCase,
    RemovalReason,
    Signature,
    TallyEntry,
    TallyReason,
)
from petitions.queries.sealed import email_of
from petitions.rules.periods import bucket_start

BATCH = 500
_LOCK_WAIT = "5s"  # proofs wait as long as this at most; whoever keeps us waiting longer is let through first


@dataclass(frozen=True, kw_only=True)
class Act:
    """In whose name, with which public words and when signatures are re-keyed."""

    actor: User
    note: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of a batch; `last_id` is where the next one begins, None after the last one."""

    last_id: int | None
    changed: int = 0
    removed: int = 0
    unopened: int = 0


@transaction.atomic
def put_rules_in_force(*, rules: MailRules, actor: User, now: datetime) -> RuleSet:
    """
    Make the wished rules the next version, between two proofs.

    Raises: OperationalError if some transaction that writes signatures takes longer than the wait; nothing is changed.
    Writes: a MailDomainRuleSet, an audit row.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
        cursor.execute("LOCK TABLE petitions_signature IN SHARE ROW EXCLUSIVE MODE")
    return activate_rules(rules=rules, actor=actor, now=now)


@transaction.atomic
def rekey_batch(*, after_id: int, act: Act, batch: int = BATCH) -> Moved:
    """
    Digest the next signatures by the rules in force: all of a batch or nothing. Doing so again changes nothing.

    Args:   after_id: the `last_id` of the batch before, 0 at first.
    Writes: Signature.identity_digest, .identity_version; for a person who was counted twice: the later row's
            invalidated_at, its membership in the petition's IntegrityCase, and a TallyEntry of -1.
    """
    forget_rule_sets()
    rows = list(_rows_of_older_versions().filter(pk__gt=after_id).select_for_update().order_by("pk")[:batch])
    if not rows:
        return Moved(last_id=None)
    digests, unopened = _digests_of(rows)
    version = rule_sets()[0].version
    same = [row.pk for row in rows if digests.get(row.pk) == bytes(row.identity_digest or b"")]
    Signature.objects.filter(pk__in=same).update(identity_version=version)
    moving = [pk for pk in digests if pk not in set(same)]
    removed = sum(_move(pk=pk, act=act) for pk in moving)
    return Moved(last_id=rows[-1].pk, changed=len(moving), removed=removed, unopened=unopened)


def _rows_of_older_versions() -> QuerySet[Signature]:
    older = Signature.objects.filter(identity_version__lt=rule_sets()[0].version)
    return older.filter(email_sealed__isnull=False, identity_digest__isnull=False)


def _digests_of(rows: list[Signature]) -> tuple[dict[int, bytes], int]:
    """This function will digest each row anew that opens, and count those that open with none of the keys."""
    digests: dict[int, bytes] = {}
    for row in rows:
        try:
            digests[row.pk] = identity_of(address=email_of(row)).digest
        except CannotUnseal:
            continue
    return digests, len(rows) - len(digests)


def _move(*, pk: int, act: Act) -> int:
    """
    This function will give one row its new digest, and return how many rows that took off.

    The row that holds this digest by older rules may be another person's by the new ones: that one is moved first.
    """
    row = Signature.objects.select_for_update().get(pk=pk)
    version = rule_sets()[0].version
    if row.identity_version == version:  # settled with another row of this batch
        return 0
    digest = identity_of(address=email_of(row)).digest
    holder = _holder_of(digest, row)
    if holder is not None and _leaves(holder, digest=digest, version=version):
        Signature.objects.filter(pk=holder.pk).update(identity_digest=retired_digest(signature_id=holder.pk))
        return _move(pk=holder.pk, act=act) + _move(pk=pk, act=act)
    if holder is None:
        return _take(row, digest=digest, version=version, act=act)
    return _settle(row, holder, digest=digest, version=version, act=act)


def _take(row: Signature, *, digest: bytes, version: int, act: Act) -> int:
    try:
        with transaction.atomic():  # a savepoint: the person may sign at this very moment
            _give(row, digest=digest, version=version)
    except IntegrityError:
        return _move(pk=row.pk, act=act)
    return 0


def _settle(row: Signature, holder: Signature, *, digest: bytes, version: int, act: Act) -> int:
    """This function will keep the earliest of two rows of one person that counts, and take the other one off."""
    kept, other = sorted((row, holder), key=lambda each: (not _counts(each), each.verified_at, each.pk))
    _give(other, digest=retired_digest(signature_id=other.pk), version=version)
    _give(kept, digest=digest, version=version)
    if other.invalidated_at is not None:
        return 0
    _take_off(other, version=version, act=act)
    return 1


def _take_off(row: Signature, *, version: int, act: Act) -> None:
    case = _case_of(row, version=version, act=act)
    counted = _counts(row)
    row.invalidated_at = act.now
    if row.held_reason != HeldReason.CASE:  # a case that holds it must find it again
        row.case = case
    row.save(update_fields=["invalidated_at", "case"])
    CaseMember.objects.create(case=case, signature=row, changed_it=True)
    case.found_counted, case.found_held = case.found_counted + counted, case.found_held + (not counted)
    case.handled, case.removed, case.done_at = case.handled + 1, case.removed + counted, act.now
    case.save(update_fields=["found_counted", "found_held", "handled", "removed", "done_at"])
    if counted:
        _owe_minus_one(row, now=act.now)


def _case_of(row: Signature, *, version: int, act: Act) -> IntegrityCase:
    """This function will find the petition's case of this version, for a run that was stopped goes on; or make it."""
    note = f"{act.note} (version {version})"
    cases = IntegrityCase.objects.select_for_update().filter(petition_id=row.petition_id, note=note)
    case = cases.filter(state=CaseState.DONE, reason=RemovalReason.SAME_PERSON).first()
    return case or IntegrityCase.objects.create(
        petition_id=row.petition_id,
        reason=RemovalReason.SAME_PERSON,
        note=note,
        conditions={},
        state=CaseState.DONE,
        created_by=act.actor,
        created_at=act.now,
        run_at=act.now,
        done_at=act.now,
    )


def _owe_minus_one(row: Signature, *, now: datetime) -> None:
    TallyEntry.objects.create(
        petition_id=row.petition_id,
        delta=-1,
        reason=TallyReason.INVALIDATED,
        occurred_at=now,
        bucket_at=bucket_start(row.verified_at),
        country=row.country,
        channel=row.channel,
    )


def _give(row: Signature, *, digest: bytes, version: int) -> None:
    row.identity_digest, row.identity_version = digest, version
    row.save(update_fields=["identity_digest", "identity_version"])


def _holder_of(digest: bytes, row: Signature) -> Signature | None:
    holders = Signature.objects.select_for_update().filter(petition_id=row.petition_id, identity_digest=digest)
    return holders.exclude(pk=row.pk).first()


def _leaves(holder: Signature, *, digest: bytes, version: int) -> bool:
    """This function will tell whether a row will have another digest by the rules in force; an erased one never has."""
    if holder.identity_version == version or holder.email_sealed is None:
        return False
    return identity_of(address=email_of(holder)).digest != digest


def _counts(row: Signature) -> bool:
    return row.invalidated_at is None and row.held_at is None
