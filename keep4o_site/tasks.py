"""The clock's work that concerns every app."""

from celery import shared_task
from django.utils import timezone

from keep4o_site.retention import BUSY_S
from keep4o_site.retention import forget_expired as forget


@shared_task
def forget_expired() -> None:
    """This function will forget whatever has been kept for as long as it may be, and write the report of it."""
    for _forgotten in forget(now=timezone.now(), budget_s=BUSY_S):
        pass
