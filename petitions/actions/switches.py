"""The switches of the site's staff while it is attacked, and what they hold. Each change is written down."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from accounts.actions import record_audit
from accounts.models import User
from accounts.visitors import network_digest
from outbox.digests import domain_digest
from outbox.models import Switch, SwitchName
from outbox.switches import forget_switches
from petitions.models import HoldKind, HoldRule, Petition
from petitions.queries.holds import forget_holds


class HoldNotFound(Exception):
    """There is no such rule, or it has ended already."""


def turn_switch_on(*, name: SwitchName, actor: User, now: datetime, level: int = 1, reason: str = "") -> None:
    """
    Turn a switch on, or change how far; every process follows within two seconds. Doing it again changes nothing.

    Args:   level: of the proof of work, 1 to MAX_LEVEL.  reason: public where signing is paused.
    Writes: the Switch; an audit row if anything changed.
    """
    _set(name, is_on=True, level=level, reason=reason, actor=actor, now=now)


def turn_switch_off(*, name: SwitchName, actor: User, now: datetime) -> None:
    """Turn a switch off; every process follows within two seconds. Doing it again changes nothing."""
    _set(name, is_on=False, level=1, reason="", actor=actor, now=now)


def hold_domain(*, domain: str, petition: Petition | None = None, reason: str, actor: User, now: datetime) -> HoldRule:
    """
    Hold every new attempt from a mail domain, at one petition or everywhere, until the rule is ended.

    Writes: the HoldRule with the domain's digest alone; an audit row.
    """
    digest = domain_digest(address=f"@{domain}")
    rule = HoldRule(kind=HoldKind.DOMAIN, digest=digest, petition=petition, reason=reason)
    return _begin(rule, actor=actor, now=now)


def hold_network(*, prefix: str, petition: Petition | None = None, reason: str, actor: User, now: datetime) -> HoldRule:
    """
    Hold every new attempt from a network until midnight UTC, when its digest changes.

    Args:   prefix: of accounts.visitors.network_prefix.
    Writes: the HoldRule with the network's digest of today alone; an audit row.
    """
    digest = network_digest(prefix=prefix, day=now.date())
    if digest is None:
        raise ValueError("an unknown network cannot be held")
    return hold_network_digest(digest=digest, petition=petition, reason=reason, actor=actor, now=now)


def hold_network_digest(
    *, digest: bytes, petition: Petition | None = None, reason: str, actor: User, now: datetime
) -> HoldRule:
    """Hold a network that is known by its digest of today only, as the integrity console knows it."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, tzinfo=now.tzinfo)
    rule = HoldRule(kind=HoldKind.NETWORK, digest=digest, petition=petition, reason=reason, ends_at=midnight)
    return _begin(rule, actor=actor, now=now)


def end_hold(*, rule_id: int, actor: User, now: datetime) -> None:
    """
    End a rule; what it has held stays held until somebody has looked at it.

    Raises: HoldNotFound, also when it has ended already.
    Writes: HoldRule.ends_at; an audit row.
    """
    with transaction.atomic():
        rule = HoldRule.objects.select_for_update(of=["self"]).select_related("petition__team").filter(pk=rule_id)
        found = rule.first()
        if found is None or (found.ends_at is not None and found.ends_at <= now):
            raise HoldNotFound(rule_id)
        found.ends_at = now
        found.save(update_fields=["ends_at"])
        _write_down(found, verb="hold.ended", actor=actor, now=now)
    forget_holds()


def _begin(rule: HoldRule, *, actor: User, now: datetime) -> HoldRule:
    rule.created_by, rule.created_at = actor, now
    with transaction.atomic():
        rule.save()
        _write_down(rule, verb="hold.begun", actor=actor, now=now)
    forget_holds()
    return rule


def _write_down(rule: HoldRule, *, verb: str, actor: User, now: datetime) -> None:
    where = rule.petition.slug if rule.petition else "the site"
    team = rule.petition.team if rule.petition else None
    record_audit(team=team, actor=actor, verb=verb, subject=f"{rule.kind} hold {rule.pk} on {where}"[:200], now=now)


def _subject(name: SwitchName, level: int) -> str:
    return f"{name.value}, level {level}" if name is SwitchName.PROOF_OF_WORK and level else name.value


def _set(name: SwitchName, *, is_on: bool, level: int, reason: str, actor: User, now: datetime) -> None:
    wished: dict[str, Any] = {"is_on": is_on, "level": level, "reason": reason}
    with transaction.atomic():
        # The row is there before it is locked, so that two people at the same instant wait for each other.
        Switch.objects.bulk_create([Switch(name=name, changed_at=now)], ignore_conflicts=True)
        Switch.objects.select_for_update().get(pk=name)
        if Switch.objects.filter(pk=name).exclude(**wished).update(**wished, changed_at=now):
            verb = "switch.turned_on" if is_on else "switch.turned_off"
            record_audit(team=None, actor=actor, verb=verb, subject=_subject(name, level if is_on else 0), now=now)
    forget_switches()
