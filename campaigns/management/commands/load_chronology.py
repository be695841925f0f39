"""manage.py load_chronology FILE --team SLUG: a whole chronology from a file, as often as it is corrected."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Team
from campaigns.actions.errors import UnreadableChronology
from campaigns.actions.loading import load_chronology
from petitions.models import Petition


class Command(BaseCommand):
    help = (
        "Make a public campaign say what a chronology file says (see campaigns/data/keep4o_events.json for its shape)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, help="slug of the team that runs the campaign")
        parser.add_argument(
            "--petition", action="append", default=[], help="slug of a petition to count; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(slug=options["team"]).first()
        if team is None:
            raise CommandError(f"There is no team «{options['team']}».")
        petitions = list(Petition.objects.filter(team=team, slug__in=options["petition"]))
        missing = set(options["petition"]) - {petition.slug for petition in petitions}
        if missing:
            raise CommandError(f"The team has no petition «{', '.join(sorted(missing))}».")
        try:
            data = json.loads(options["file"].read_text(encoding="utf-8"))
            campaign = load_chronology(data=data, team=team, petitions=petitions, now=timezone.now())
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(f"The file is no JSON in UTF-8: {error}.") from error
        except UnreadableChronology as error:
            raise CommandError(f"The file is no chronology: {error}.") from error
        self.stdout.write(f"{campaign.slug}: {campaign.events.filter(published=True).count()} public events.")
