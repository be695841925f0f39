"""The Celery application and its clock. Tasks find owed work in the database; nothing else ever enqueues."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")


def _every(seconds: float, task: str, *, expires_s: float | None = None) -> dict[str, Any]:
    """This function will schedule a task; a question of the clock expires, so that no pile waits for lost workers."""
    return {"task": task, "schedule": seconds, "options": {"expires": expires_s or seconds}}


app = Celery("keep4o")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # An open page may trail a proof by two seconds at most, of which its own question takes up to 1.2.
    "fold owed tallies": _every(0.5, "petitions.tasks.fold_owed_tallies", expires_s=5),
    # A supporter waits for the verification mail: it leaves within a second or so.
    "deliver due messages": _every(1, "outbox.tasks.deliver_due_messages", expires_s=5),
    # Whoever erases is told that it is done at once: what a delivery holds meanwhile goes as soon as it lets go.
    "forget owed messages": _every(1, "outbox.tasks.forget_owed_messages", expires_s=5),
    # Nobody waits for news; the batches yield to verification mails by their priority.
    "spread milestone news": _every(10, "petitions.tasks.spread_milestone_news"),
    # A drift must be mended before anybody sees it twice.
    "reconcile tallies": _every(60, "petitions.tasks.reconcile_tallies"),
    # Openings and closings fall on the minute that organisers choose.
    "open and close petitions": _every(60, "petitions.tasks.open_and_close_petitions"),
    # Lifetimes are counted in days: an hour late is soon enough.
    "purge signing data": _every(3600, "petitions.tasks.purge_expired_signing_data"),
    "purge testimonials": _every(3600, "testimonials.tasks.purge_expired_testimonials"),
    "purge sessions": _every(3600, "accounts.tasks.forget_ended_sessions"),
    "purge messages": _every(3600, "outbox.tasks.purge_delivered_messages"),
}
