"""What the staff's page of switches shows: how each stands, what is on hold, and who changed what lately."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import AuditEntry
from outbox.models import Switch, SwitchName
from petitions.models import HoldRule

CHANGES_SHOWN = 20
_VERBS = ("switch.turned_on", "switch.turned_off", "hold.begun", "hold.ended")


@dataclass(frozen=True, kw_only=True)
class ShownSwitch:
    """A switch as staff see it; `changed_at` is None for one that was never touched."""

    name: SwitchName
    is_on: bool
    level: int
    reason: str
    changed_at: datetime | None


def shown_switches() -> dict[str, ShownSwitch]:
    """This function will read every switch from the database itself, by name; one statement."""
    rows = {switch.name: switch for switch in Switch.objects.all()}
    return {name.value: _shown(name, rows.get(name.value)) for name in SwitchName}


def holds_in_force(*, now: datetime) -> QuerySet[HoldRule]:
    """This function will find what is on hold, the newest first."""
    in_force = HoldRule.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    return in_force.select_related("petition", "created_by").order_by("-created_at", "-pk")


def latest_changes() -> QuerySet[AuditEntry]:
    """This function will find the newest changes of switches and holds, with who made them."""
    changes = AuditEntry.objects.filter(verb__in=_VERBS).select_related("actor").order_by("-at", "-pk")
    return changes[:CHANGES_SHOWN]


def _shown(name: SwitchName, row: Switch | None) -> ShownSwitch:
    if row is None:
        return ShownSwitch(name=name, is_on=False, level=1, reason="", changed_at=None)
    return ShownSwitch(name=name, is_on=row.is_on, level=row.level, reason=row.reason, changed_at=row.changed_at)
