"""Signing: an attempt with the mail it owes, then the proof that makes it a signature and owes it to the count."""

from petitions.actions.signing.errors import (
    NotEligible,
    PetitionNotOpen,
    ProofLinkExpired,
    ProofTooLate,
    SigningError,
)
from petitions.actions.signing.links_again import release_attempt, renew_link
from petitions.actions.signing.posting import TypedSignature, sign_petition
from petitions.actions.signing.proving import prove_attempt, verify_signature

__all__ = [
    "NotEligible",
    "PetitionNotOpen",
    "ProofLinkExpired",
    "ProofTooLate",
    "SigningError",
    "TypedSignature",
    "prove_attempt",
    "release_attempt",
    "renew_link",
    "sign_petition",
    "verify_signature",
]
