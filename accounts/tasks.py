"""The clock of the accounts app."""

from celery import shared_task
from django.utils import timezone

from accounts.webhook_actions import tell_of_disabled_webhook


@shared_task
def tell_of_disabled_webhooks() -> None:
    """This function will owe the mails about every webhook that was switched off by us."""
    while tell_of_disabled_webhook(now=timezone.now()):
        pass
