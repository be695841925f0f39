"""manage.py recount: rebuilds a petition's count from its signatures, while signing goes on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from petitions.actions.tally import recount
from petitions.models import Petition
from petitions.queries.counts import published_count


class Command(BaseCommand):
    help = "Rebuild the count of a petition from its signatures. Signing goes on meanwhile; nothing is counted twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("petition", help="the slug of the petition, or --all", nargs="?")
        parser.add_argument("--all", action="store_true", help="recount every petition")

    def handle(self, *args: Any, **options: Any) -> None:
        for petition in _chosen(slug=options["petition"], all_of_them=options["all"]):
            before = published_count(petition_id=petition.pk)
            after = recount(petition_id=petition.pk, now=timezone.now())
            self.stdout.write(f"{petition.slug}: {before} before, {after} now")


def _chosen(*, slug: str | None, all_of_them: bool) -> list[Petition]:
    if all_of_them == (slug is not None):
        raise CommandError("Name one petition, or say --all.")
    petitions = Petition.objects.order_by("slug")
    chosen = list(petitions if all_of_them else petitions.filter(slug=slug))
    if slug is not None and not chosen:
        raise CommandError(f"There is no petition “{slug}”.")
    return chosen
