"""Taking personal data out: never without a row that says who did."""

from datetime import datetime

from accounts.actions import record_audit
from accounts.models import User
from petitions.models import Petition


def record_answers_export(*, petition: Petition, actor: User, now: datetime) -> None:
    """This function will write down that somebody takes out the answers of every signer, before the first row leaves."""
    record_audit(team=petition.team, actor=actor, verb="answers.exported", subject=petition.slug, now=now)
