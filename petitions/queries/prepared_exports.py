"""The files that a team asked for, newest first."""

from datetime import datetime

from django.db.models import Q, QuerySet

from petitions.models import Petition, PreparedExport

SHOWN = 5


def prepared_exports(*, petition: Petition, now: datetime) -> QuerySet[PreparedExport]:
    """This function will list the newest files of a petition that are owed, ready or have failed; none that expired."""
    lasting = PreparedExport.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), petition=petition)
    return lasting.order_by("-asked_at", "-id")[:SHOWN]
