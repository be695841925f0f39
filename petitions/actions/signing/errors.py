"""Why a petition could not be signed, or a signature not be proved."""

from petitions.models import Petition
from petitions.rules.eligibility import EligibilityProblem


class SigningError(Exception):
    """Why a petition could not be signed or a signature not be proved; `petition` says for which one."""

    def __init__(self, petition: Petition) -> None:
        super().__init__(petition.slug)
        self.petition = petition


class PetitionNotOpen(SigningError):
    """The petition takes no new signatures: it is not open yet, paused or closed."""


class NotEligible(SigningError):
    """What was typed does not meet the petition's public rule of who may sign."""

    def __init__(self, petition: Petition, problem: EligibilityProblem) -> None:
        super().__init__(petition)
        self.problem = problem


class ProofTooLate(SigningError):
    """The petition closed too long ago for a link to prove anything."""


class ProofLinkExpired(Exception):
    """The link is genuine but too old, or its attempt is gone and nothing was proved with it."""
