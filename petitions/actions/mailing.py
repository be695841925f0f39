"""What staff change about to whom this site writes."""

from datetime import datetime

from django.db import transaction

from accounts.actions import record_audit
from accounts.models import User
from outbox.suppression import lift_suppression


@transaction.atomic
def allow_mail_again(*, address: str, actor: User, now: datetime) -> None:
    """
    Let mail go to an address again, because its owner asks for it; the same for one that we never stopped writing to.

    Returns nothing, and writes the same audit row in both cases: who was on the list is nobody's to read.
    Writes:  deletes the Suppression if there is one; an audit row without the address.
    """
    lift_suppression(address=address)
    record_audit(team=None, actor=actor, verb="mail.allowed_again", subject="one address", now=now)
