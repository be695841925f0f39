"""manage.py purge_expired: forgets now whatever the clock would forget within the hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from keep4o_site.retention import forget_expired


class Command(BaseCommand):
    help = "Delete everything that has been kept for as long as it may be, and say how much of each kind that was."

    def handle(self, *args: Any, **options: Any) -> None:
        has_failed = False
        for forgotten in forget_expired(now=timezone.now()):
            if forgotten.count is None:
                has_failed = True
                self.stdout.write(f"{forgotten.retention.what}: failed")
            else:
                self.stdout.write(f"{forgotten.retention.what}: {forgotten.count:,}")
        if has_failed:
            raise CommandError("Some of it failed; the log says where. The rest is forgotten.")
