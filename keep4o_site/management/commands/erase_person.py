"""manage.py erase_person: forgets one person at every petition. The address is asked for, never given as an argument."""

import sys
import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.queries import accounts_with_address
from outbox.forgetting import pay_owed_forgettings
from outbox.models import OwedForgetting
from petitions.actions.whole_person import forget_whole_person
from petitions.forms import AddressField
from testimonials.queries.people import stories_of

WAIT_S = 60.0  # a delivery holds its rows for as long as a mail server takes; longer than this, the clock goes on


class Command(BaseCommand):
    help = (
        "Erase one person's name, address and all else they said from every signature and attempt, and from the mails about"
        " them. The address is read from the terminal or from standard input, never from the arguments, which every user"
        " of the machine can list."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--withdraw", action="store_true", help="delete the signatures, too: they no longer count")

    def handle(self, *args: Any, **options: Any) -> None:
        address = _read_address()
        left = forget_whole_person(address=address, withdraws=options["withdraw"], now=timezone.now())
        done = "withdrawn" if options["withdraw"] else "erased"
        self.stdout.write(f"signatures {done}: {left.signatures:,}")
        self.stdout.write(f"attempts deleted: {left.attempts:,}")
        self.stdout.write(f"messages emptied: {left.messages:,}")
        self.stdout.write(f"accounts with this address, left as they are: {accounts_with_address(address=address):,}")
        self.stdout.write(f"stories told from this address, left as they are: {stories_of(address=address):,}")
        if held := _wait_for_held_messages():
            raise CommandError(f"{held:,} messages are just being delivered; the clock empties them right after that.")


def _read_address() -> str:
    if sys.stdin.isatty():
        print("E-mail address: ", end="", file=sys.stderr, flush=True)  # noqa: T201 # a question to whoever types
    try:
        return AddressField().clean(sys.stdin.readline().strip())
    except ValidationError as error:
        raise CommandError("This is no e-mail address. Nothing was changed.") from error


def _wait_for_held_messages() -> int:
    """This function will empty what a delivery had locked, and return how many rows it still holds after a while."""
    stop_at = time.monotonic() + WAIT_S
    while held := OwedForgetting.objects.count():
        if not pay_owed_forgettings():
            time.sleep(0.2)
        if time.monotonic() > stop_at:
            return held
    return 0
