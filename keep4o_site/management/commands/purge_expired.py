"""manage.py purge_expired: forgets now whatever the clock would forget within the hour."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from outbox.delivery import purge_payloads
from petitions.actions.purging import expired_signing_data
from testimonials.actions.purging import purge_expired_testimonials

_WORDS = {
    "attempts": "attempts to sign deleted",
    "digests": "fingerprints of erased signatures dropped",
    "signatures": "signatures of long closed petitions freed of name and address",
}


class Command(BaseCommand):
    help = "Delete everything that has been kept for as long as it may be, and say how much of each kind that was."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in _purged(now=timezone.now()):
            self.stdout.write(f"{what}: {count:,}")


def _purged(*, now: datetime) -> Iterator[tuple[str, int]]:
    for kind, forget_some in expired_signing_data(now=now).items():
        yield _WORDS[kind], sum(iter(forget_some, 0))  # until nothing is left
    yield "stories erased", purge_expired_testimonials(now=now)
    yield "messages emptied of recipient and content", purge_payloads(now=now)
