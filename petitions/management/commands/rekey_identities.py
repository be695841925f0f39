"""manage.py rekey_identities: what changed rules about mail domains would do, and with --apply, doing it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.actions import record_audit
from accounts.models import User
from accounts.rule_sets import RuleSet, forget_rule_sets, rule_sets, wished_rules
from petitions.actions.rekeying import BATCH, Act, Moved, put_rules_in_force, rekey_batch
from petitions.queries.rekeying import RekeyingPlan, plan_rekeying, waiting_signatures

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('rekey_identities', 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('rekey_identities', 0))"
_TRIES = 5
_MOST_NOTE_CHARS = 380  # the case adds the version
_NOTE = "The same person with two spellings of one address, found when the rules about mail providers were corrected"


class Command(BaseCommand):
    help = (
        "Say who would turn out to be one person by the rules about mail domains that staff have set in the administration."
        " Nothing is changed without --apply. People may sign meanwhile; a run that was stopped goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="put the rules in force and re-key the signatures")
        parser.add_argument("--by", help="your own address: you answer for it, in the audit trail and the cases")
        parser.add_argument("--note", default=_NOTE, help="what the public integrity page says of those taken off")
        parser.add_argument("--batch", type=int, default=BATCH, help="signatures in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        forget_rule_sets()
        in_force, wished = rule_sets()[0], wished_rules()
        is_new = wished != in_force.rules
        target = RuleSet(version=in_force.version + 1, rules=wished) if is_new else in_force
        self._say_rules(in_force, target)
        if not is_new and not waiting_signatures(version=in_force.version):
            self.stdout.write("Nothing to do: the rules are in force and every signature was made by them.")
        elif options["apply"]:
            self._apply(target, is_new=is_new, options=options)
        else:
            self._say_plan(plan_rekeying(rules=target))
            self.stdout.write("Nothing was changed. To do it: rekey_identities --apply --by YOUR-ADDRESS")

    def _apply(self, target: RuleSet, *, is_new: bool, options: dict[str, Any]) -> None:
        actor = User.objects.filter(email__iexact=options["by"] or "", is_staff=True, is_active=True).first()
        if actor is None:
            raise CommandError("--by must be the address of somebody who may open the administration.")
        if len(options["note"]) > _MOST_NOTE_CHARS:
            raise CommandError(f"--note can have at most {_MOST_NOTE_CHARS} characters.")
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
            if not cursor.fetchone()[0]:
                raise CommandError("Another rekey_identities is under way.")
            try:
                if is_new:
                    self._put_in_force(target, actor)
                self._rekey(Act(actor=actor, note=options["note"], now=timezone.now()), batch=options["batch"])
            finally:
                cursor.execute(_UNLOCK)

    def _put_in_force(self, target: RuleSet, actor: User) -> None:
        for attempt in range(_TRIES):
            try:
                put_rules_in_force(rules=target.rules, actor=actor, now=timezone.now())
            except OperationalError:
                if attempt == _TRIES - 1:
                    raise CommandError("Signatures are being written without a pause. Try again later.") from None
            else:
                self.stdout.write(f"version {target.version} is in force")
                return

    def _rekey(self, act: Act, *, batch: int) -> None:
        read = Moved(last_id=0)
        changed = removed = unopened = 0
        while read.last_id is not None:
            read = rekey_batch(after_id=read.last_id, act=act, batch=batch)
            changed, removed, unopened = changed + read.changed, removed + read.removed, unopened + read.unopened
        self.stdout.write(f"{changed:,} signatures digested anew, {removed:,} taken off, each by its petition's case")
        record_audit(
            team=None, actor=act.actor, verb="identities.rekeyed", subject=f"{changed} anew, {removed} off", now=act.now
        )
        if unopened:
            raise CommandError(f"{unopened:,} signatures open with none of ENCRYPTION_KEYS and stay as they were.")

    def _say_rules(self, in_force: RuleSet, target: RuleSet) -> None:
        self.stdout.write(f"in force: version {in_force.version}, {len(in_force.rules)} rules")
        domains = in_force.rules.keys() | target.rules.keys()
        differing = sorted(name for name in domains if in_force.rules.get(name) != target.rules.get(name))
        if differing:
            self.stdout.write(f"wished: {len(differing)} differ: {', '.join(differing)}")

    def _say_plan(self, plan: RekeyingPlan) -> None:
        self.stdout.write(f"{plan.read:,} signatures read, {plan.changed:,} would get another digest")
        if plan.unopened:
            self.stdout.write(f"{plan.unopened:,} open with none of ENCRYPTION_KEYS and would stay as they are")
        for found in plan.collisions:
            others = ", ".join(map(str, found.other_ids))
            self.stdout.write(
                f"petition {found.petition}: signature {found.kept_id} stays, {others} would be taken off;"
                f" the count would lose {found.lost_by_count}"
            )
        self.stdout.write(f"{len(plan.collisions):,} collisions")
