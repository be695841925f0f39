"""The clock's work on stories: each task asks one action."""

from celery import shared_task
from django.utils import timezone

from testimonials.actions.purging import purge_expired_testimonials as purge


@shared_task(name="testimonials.tasks.purge_expired_testimonials")
def purge_expired_testimonials() -> int:
    """This function will erase what nobody confirmed, and what was withdrawn or declined long enough ago."""
    return purge(now=timezone.now())
