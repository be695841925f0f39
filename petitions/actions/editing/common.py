"""What every step of an organiser does: it locks the petition and leaves an audit row."""

from datetime import datetime

from django.db import transaction

from accounts.actions import record_audit
from accounts.models import User
from petitions.models import Petition
from petitions.queries.known import forget_petitions


def locked_petition(*, petition_id: int) -> Petition:
    """This function will load a petition with its team and let its other organisers wait until the commit."""
    # NO KEY: signing and folding insert rows that point here, and must wait for no organiser.
    petitions = Petition.objects.select_for_update(of=("self",), no_key=True)
    return petitions.select_related("team").get(pk=petition_id)


def audit(*, petition: Petition, actor: User | None, verb: str, now: datetime, detail: str = "") -> None:
    """This function will write down what an organiser did to a petition, by its slug; `detail` names nobody."""
    record_audit(team=petition.team, actor=actor, verb=verb, subject=f"{petition.slug} {detail}".strip(), now=now)
    transaction.on_commit(forget_petitions)  # other processes learn of it within two seconds
