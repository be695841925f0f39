"""manage.py export_counts: a petition's counted signatures by period, country, channel or answer, as a file or to the terminal."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from petitions.models import Petition
from petitions.queries.answer_files import UnknownGrouping, table_by
from petitions.queries.exports import ExportTable, as_csv, as_json
from petitions.queries.series import Span, TooManyRows
from petitions.rules.periods import Grouping, day_from_text, time_zone

_WRITERS = {"csv": as_csv, "json": as_json}


class Command(BaseCommand):
    help = "Write the counted signatures of a petition by hour, day, week, month, country, channel or answer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("petition", help="the slug of the petition")
        groupings = ", ".join(by.value for by in Grouping)
        parser.add_argument("--by", default="day", help=f"{groupings}, or question-12 for the answers to a choice")
        parser.add_argument(
            "--tz", type=_zone, help="zone in which days begin, such as Europe/Paris; else the petition's"
        )
        parser.add_argument("--from", type=_day, dest="first_day", help="first local day, included: 2026-02-13")
        parser.add_argument("--to", type=_day, dest="last_day", help="last local day, included")
        parser.add_argument("--format", choices=sorted(_WRITERS), default="csv")
        parser.add_argument("--output", type=Path, help="a file, instead of the terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        written = _WRITERS[options["format"]](table=_table(options))
        if options["output"] is None:
            self.stdout.write(written, ending="")
            return
        try:
            options["output"].write_text(written, encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error


def _table(options: dict[str, Any]) -> ExportTable:
    petition = Petition.objects.filter(slug=options["petition"]).first()
    if petition is None:
        raise CommandError(f"There is no petition “{options['petition']}”.")
    span = Span(
        tz=options["tz"] or ZoneInfo(petition.timezone), first_day=options["first_day"], last_day=options["last_day"]
    )
    if span.is_reversed:
        raise CommandError("--to must not lie before --from.")
    try:
        return table_by(petition=petition, by=options["by"], span=span)
    except UnknownGrouping as error:
        raise CommandError(
            f"--by must be one of: {', '.join(Grouping)}, or question-<number> for a choice of this petition."
        ) from error
    except TooManyRows as error:
        raise CommandError("This would be more than 100,000 rows: ask for a shorter span or longer periods.") from error


def _zone(name: str) -> ZoneInfo:
    tz = time_zone(name)
    if tz is None:
        raise argparse.ArgumentTypeError(f"“{name}” is no time zone of the IANA database, such as Europe/Paris.")
    return tz


def _day(text: str) -> date:
    day = day_from_text(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"“{text}” is no day such as 2026-02-13.")
    return day
