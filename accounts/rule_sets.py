"""
The versions of the rules about mail domains: which one is in force, what staff wish the next one to be.

Version 0 is what was built into the code before the rules became data. A version is never changed once it was in force:
rows that could not be digested anew, since they name nobody any more, are recognised by the version that made them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import QuerySet

from accounts.actions import record_audit
from accounts.models import MailDomainRule, MailDomainRuleSet, User
from accounts.rules import MailDomainRule as Rule
from accounts.rules import MailRules, rules_as_json, rules_from_json
from outbox.remembering import Remembered


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """One version of the rules, by ASCII domain."""

    version: int
    rules: MailRules


def rule_sets() -> tuple[RuleSet, ...]:
    """
    This function will name all versions of the rules, the one in force first, as read at most two seconds ago.

    Whoever inserts a signature makes sure in the database that its version is still the newest one, and forgets these
    if it is not.
    """
    found = _sets.value()
    if not found:
        raise OperationalError("the rules about mail domains could not be read")
    return found


def forget_rule_sets() -> None:
    """This function will make this process read the versions anew."""
    _sets.forget()


def newest_version() -> int:
    """This function will ask the database which version is in force."""
    return MailDomainRuleSet.objects.order_by("-version").values_list("version", flat=True)[0]


def wished_rules() -> dict[str, Rule]:
    """This function will read the rules as staff wish them to be."""
    rows = MailDomainRule.objects.order_by("domain")
    return {
        row.domain: Rule(ignores_dots=row.ignores_dots, tag_signs=row.tag_signs, same_as=row.same_as) for row in rows
    }


@transaction.atomic
def activate_rules(*, rules: MailRules, actor: User | None, now: datetime) -> RuleSet:
    """
    This function will put a new version of the rules in force, in the caller's transaction.

    Two at once would make the same version; the constraint lets one of them through.
    """
    version = newest_version() + 1
    MailDomainRuleSet.objects.create(version=version, rules=rules_as_json(rules), activated_at=now)
    record_audit(team=None, actor=actor, verb="mail_rules.activated", subject=f"version {version}", now=now)
    transaction.on_commit(forget_rule_sets)
    return RuleSet(version=version, rules=rules)


@transaction.atomic
def keep_rule(*, rule: MailDomainRule, actor: User, now: datetime) -> None:
    """This function will keep what staff wish for one domain; it changes nothing before the next re-keying."""
    rule.save()
    record_audit(team=None, actor=actor, verb="mail_rule.kept", subject=rule.domain[:200], now=now)


@transaction.atomic
def drop_rules(*, rules: QuerySet[MailDomainRule], actor: User, now: datetime) -> None:
    """This function will drop what staff wished for some domains; they will then be read like any other one."""
    for rule in rules.select_for_update().order_by("domain"):
        record_audit(team=None, actor=actor, verb="mail_rule.dropped", subject=rule.domain[:200], now=now)
        rule.delete()


def _read_sets() -> tuple[RuleSet, ...]:
    rows = MailDomainRuleSet.objects.order_by("-version")
    return tuple(RuleSet(version=row.version, rules=rules_from_json(row.rules)) for row in rows)


_sets: Remembered[tuple[RuleSet, ...]] = Remembered(read=_read_sets, unknown=())
