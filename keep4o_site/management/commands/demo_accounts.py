"""manage.py demo_accounts: who can sign in to the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand

from keep4o_site.demo.accounts import DEMO_ACCOUNTS


class Command(BaseCommand):
    help = "Print the demo accounts with their passwords, one a line, parted by tabs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for account in DEMO_ACCOUNTS:
            self.stdout.write(f"{account.email}\t{account.password}\t{account.does}")
