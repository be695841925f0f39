"""manage.py load_demo: the demonstration, loaded once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from keep4o_site.demo.loading import load_demo


class Command(BaseCommand):
    help = "Load the demo team, petition, chronology, signatures and stories; does nothing where they are already."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("The demo has public passwords: it loads only with DEVELOPMENT=1.")
        loaded = load_demo(now=timezone.now())
        self.stdout.write("The demo is loaded." if loaded else "The demo is already there.")
