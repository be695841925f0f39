"""The keyed digest that tells whether two addresses belong to one person without keeping either of them."""

from dataclasses import dataclass

from accounts.rule_sets import RuleSet, rule_sets
from accounts.rules import canonical_address
from outbox.digests import keyed_digest

DIGEST_BYTES = 32
IDENTITY_PURPOSE = "identity"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """
    Who an address stands for, by the rules in force and by each earlier version.

    `marks` is pairs of a version and its digest, the one in force first: a row of this person carries one of them.
    """

    marks: tuple[tuple[int, bytes], ...]

    @property
    def version(self) -> int:
        return self.marks[0][0]

    @property
    def digest(self) -> bytes:
        return self.marks[0][1]

    @property
    def former(self) -> tuple[tuple[int, bytes], ...]:
        """The marks that the uniqueness of the digest in force does not cover."""
        digest = self.digest
        return tuple(mark for mark in self.marks if mark[1] != digest)

    @property
    def digests(self) -> frozenset[bytes]:
        return frozenset(digest for _, digest in self.marks)


def identity_of(*, address: str, purpose: str = IDENTITY_PURPOSE) -> Identity:
    """This function will digest the canonical form of a valid address by all versions of the rules."""
    forms = [(rules.version, canonical_address(address, rules=rules.rules)) for rules in rule_sets()]
    # Most versions of the rules agree about most addresses.
    digests = {form: keyed_digest(text=form, purpose=purpose) for form in {form for _, form in forms}}
    return Identity(marks=tuple([(version, digests[form]) for version, form in forms]))


def identity_digest(*, address: str, purpose: str = IDENTITY_PURPOSE) -> bytes:
    """
    This function will digest the canonical form of a valid address with the site's identity key (32 bytes).

    `purpose` parts the digests of different lists, so that no join of two tables tells who is on both.
    """
    return digest_by(rule_sets()[0], address=address, purpose=purpose)


def digest_by(rules: RuleSet, *, address: str, purpose: str = IDENTITY_PURPOSE) -> bytes:
    """This function will digest an address by one version of the rules, whether it is in force or not."""
    return keyed_digest(text=canonical_address(address, rules=rules.rules), purpose=purpose)


def retired_digest(*, signature_id: int) -> bytes:
    """This function will make a digest that is no person's: of a signature whose person is counted by another one."""
    return keyed_digest(text=str(signature_id), purpose="identity-gone")
