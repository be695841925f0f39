"""What re-keying would do, found out without changing anything: who would turn out to be one person."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from accounts.identity import digest_by
from accounts.rule_sets import RuleSet
from outbox.sealing import CannotUnseal
from petitions.models import Signature
from petitions.queries.sealed import email_of

_READ_AT_ONCE = 2000
_REMEMBER = "INSERT INTO rekeyed_signature SELECT * FROM unnest(%s::bigint[], %s::bytea[])"
_COLLISIONS = """
SELECT petition.slug, array_agg(signature.id ORDER BY
    (signature.invalidated_at IS NULL AND signature.held_at IS NULL) DESC, signature.verified_at, signature.id),
    count(*) FILTER (WHERE signature.invalidated_at IS NULL AND signature.held_at IS NULL)
FROM rekeyed_signature rekeyed
JOIN petitions_signature signature ON signature.id = rekeyed.id
JOIN petitions_petition petition ON petition.id = signature.petition_id
GROUP BY petition.slug, petition.id, rekeyed.digest HAVING count(*) > 1
ORDER BY petition.slug, min(signature.id)
"""


@dataclass(frozen=True, kw_only=True)
class Collision:
    """Signatures of one petition that are one person's: the one that stays, and those that would be taken off."""

    petition: str
    kept_id: int
    other_ids: tuple[int, ...]
    lost_by_count: int


@dataclass(frozen=True, kw_only=True)
class RekeyingPlan:
    """`collisions` holds as many as there are; they name nobody."""

    read: int
    changed: int
    unopened: int
    collisions: tuple[Collision, ...]


def plan_rekeying(*, rules: RuleSet) -> RekeyingPlan:
    """
    This function will digest every signature by other rules and tell which would collide; nothing is changed.

    The digests are kept in a temporary table of this connection, so that the memory needed does not grow with them.
    """
    read: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS rekeyed_signature")
        cursor.execute("CREATE TEMPORARY TABLE rekeyed_signature (id bigint, digest bytea)")
        for rows in _batches():
            digests = {row.pk: _digest_of(row, rules) for row in rows}
            read.update(_fate(row, digests[row.pk]) for row in rows)
            known = {pk: digest for pk, digest in digests.items() if digest is not None}
            cursor.execute(_REMEMBER, [list(known), list(known.values())])
        cursor.execute(_COLLISIONS)
        collisions = tuple(_collision(*row) for row in cursor.fetchall())
        cursor.execute("DROP TABLE rekeyed_signature")
    return RekeyingPlan(read=read.total(), changed=read["changed"], unopened=read["unopened"], collisions=collisions)


def waiting_signatures(*, version: int) -> int:
    """This function will count the signatures that still bear the digest of an earlier version, and can be re-keyed."""
    older = Signature.objects.filter(identity_version__lt=version)
    return older.filter(email_sealed__isnull=False, identity_digest__isnull=False).count()


def _batches() -> Iterator[list[Signature]]:
    named = Signature.objects.filter(identity_digest__isnull=False).only("pk", "identity_digest", "email_sealed")
    last_id = 0
    while rows := list(named.filter(pk__gt=last_id).order_by("pk")[:_READ_AT_ONCE]):
        yield rows
        last_id = rows[-1].pk


def _digest_of(row: Signature, rules: RuleSet) -> bytes | None:
    """This function will digest a row by other rules: an erased one stays as it is; None if no key opens it."""
    if row.email_sealed is None:
        return bytes(row.identity_digest or b"")
    try:
        return digest_by(rules, address=email_of(row))
    except CannotUnseal:
        return None


def _fate(row: Signature, digest: bytes | None) -> str:
    if digest is None:
        return "unopened"
    return "same" if digest == bytes(row.identity_digest or b"") else "changed"


def _collision(petition: str, ids: list[int], counted: int) -> Collision:
    return Collision(petition=petition, kept_id=ids[0], other_ids=tuple(ids[1:]), lost_by_count=max(0, counted - 1))
