"""Petitions, what was typed, what was proved, and what is owed to the count. Invariants are named constraints."""

from petitions.models.petition import Petition, PetitionQuerySet, PetitionState, PetitionText, default_ladder
from petitions.models.signature import Channel, PendingSignature, Signature, SignatureQuerySet
from petitions.models.tally import (
    Milestone,
    MilestoneNotice,
    Tally,
    TallyBucket,
    TallyEntry,
    TallyReason,
    TallyReasonTotal,
    TallyRepair,
)

__all__ = [
    "Channel",
    "Milestone",
    "MilestoneNotice",
    "PendingSignature",
    "Petition",
    "PetitionQuerySet",
    "PetitionState",
    "PetitionText",
    "Signature",
    "SignatureQuerySet",
    "Tally",
    "TallyBucket",
    "TallyEntry",
    "TallyReason",
    "TallyReasonTotal",
    "TallyRepair",
    "default_ladder",
]
