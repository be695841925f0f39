"""manage.py rotate_keys: seals with the first of ENCRYPTION_KEYS what older ones sealed."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from keep4o_site.sealed_tables import ALL_SEALED_TABLES
from outbox.resealing import SealedValues, count_sealed, reseal_table


class Command(BaseCommand):
    help = (
        "Seal with the first of ENCRYPTION_KEYS whatever older keys sealed, and say which of those are no longer used."
        " The site may serve meanwhile; a run that was stopped goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            for table in ALL_SEALED_TABLES:
                self.stdout.write(f"{table.label}: {reseal_table(table):,} sealed again")
        # All of it is counted after all of it is done: a proof copies sealed columns from one table to the next.
        found = {table.label: count_sealed(table) for table in ALL_SEALED_TABLES}
        for label, values in found.items():
            if values.older:
                self.stdout.write(f"{label}: {values.older:,} not sealed with the first key")
        self._report_keys(list(found.values()))
        if not options["dry_run"] and any(values.older for values in found.values()):
            raise CommandError("Some were busy, or open with none of the keys. Run it again; then look at those.")

    def _report_keys(self, found: list[SealedValues]) -> None:
        used = sum((Counter(values.by_key) for values in found), start=Counter())
        first, *others = settings.ENCRYPTION_KEYS
        self.stdout.write(f"key {first}: {used[first]:,}, seals from now on")
        for key_id in others:
            may_go = "" if used[key_id] else ", no longer used anywhere: it may be dropped from ENCRYPTION_KEYS"
            self.stdout.write(f"key {key_id}: {used[key_id]:,}{may_go}")
        if unopened := sum(values.of_no_key for values in found):
            self.stdout.write(f"of no key in ENCRYPTION_KEYS: {unopened:,}")
