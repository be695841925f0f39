"""The clock of the accounts: sessions that have ended are forgotten."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def forget_ended_sessions() -> None:
    """This function will delete the sessions that have expired; Django leaves that to whoever runs the site."""
    call_command("clearsessions")
