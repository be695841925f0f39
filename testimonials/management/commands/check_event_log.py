"""Checks the seals of the event log of stories."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from testimonials.queries.event_log import faults_of_event_log


class Command(BaseCommand):
    help = "Checks that no entry of the event log of stories was changed, removed or added behind its back."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(faults_of_event_log())
        if faults:
            raise CommandError("The event log is not whole:\n" + "\n".join(faults))
        self.stdout.write("The event log is whole.")
