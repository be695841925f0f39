"""Petitions, what was typed, what was proved, and what is owed to the count. Invariants are named constraints."""

from petitions.models.asking import MOST_QUESTIONS, NewsConsent, PetitionQuestion, QuestionKind
from petitions.models.checks import TallyCheck, TallyRepair, TallyRepairCell
from petitions.models.exports import ExportState, PreparedExport
from petitions.models.hours import TallyHour
from petitions.models.integrity import (
    AttemptEntry,
    AttemptHour,
    CaseMember,
    CaseState,
    HeldReason,
    HoldKind,
    HoldRule,
    IntegrityCase,
    RemovalReason,
)
from petitions.models.ladder import LadderChange
from petitions.models.petition import (
    Eligibility,
    Petition,
    PetitionQuerySet,
    PetitionState,
    PetitionText,
    default_ladder,
)
from petitions.models.signature import (
    EMPTIED_BY_ERASURE,
    ERASED,
    Channel,
    CommentState,
    NameShown,
    PendingSignature,
    ProvedBy,
    Signature,
    SignatureQuerySet,
)
from petitions.models.tally import (
    Milestone,
    MilestoneNotice,
    Tally,
    TallyBucket,
    TallyEntry,
    TallyReason,
    TallyReasonTotal,
)

__all__ = [
    "EMPTIED_BY_ERASURE",
    "ERASED",
    "MOST_QUESTIONS",
    "AttemptEntry",
    "AttemptHour",
    "CaseMember",
    "CaseState",
    "Channel",
    "CommentState",
    "Eligibility",
    "ExportState",
    "HeldReason",
    "HoldKind",
    "HoldRule",
    "IntegrityCase",
    "LadderChange",
    "Milestone",
    "MilestoneNotice",
    "NameShown",
    "NewsConsent",
    "PendingSignature",
    "Petition",
    "PetitionQuerySet",
    "PetitionQuestion",
    "PetitionState",
    "PetitionText",
    "PreparedExport",
    "ProvedBy",
    "QuestionKind",
    "RemovalReason",
    "Signature",
    "SignatureQuerySet",
    "Tally",
    "TallyBucket",
    "TallyCheck",
    "TallyEntry",
    "TallyHour",
    "TallyReason",
    "TallyReasonTotal",
    "TallyRepair",
    "TallyRepairCell",
    "default_ladder",
]
