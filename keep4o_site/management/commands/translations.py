"""manage.py translations update | compile | check"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from keep4o_site import catalogues


class Command(BaseCommand):
    help = "Collect new sentences (update), write what Django reads (compile), or fail where one lacks (check)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=["update", "compile", "check"])

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        getattr(self, f"_{step}")()

    def _update(self) -> None:
        for language in catalogues.languages():
            catalogues.update(language)

    def _compile(self) -> None:
        catalogues.compile_all()

    def _check(self) -> None:
        found = [f"{code}: {problem}" for code in catalogues.languages() for problem in catalogues.problems(code)]
        if found:
            raise CommandError("\n".join(found))
