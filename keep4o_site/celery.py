"""The Celery application and its clock. Tasks find owed work in the database; nothing else ever enqueues."""

import os
from typing import Any

from celery import Celery
from kombu import Queue

from keep4o_site.broker import use_steady_channels

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")


# A question of the clock expires, so that no pile waits for lost workers. An instant on the clock of the machine that
# asks ends it on the clock of the one that works: if that one went ahead by more, nothing would ever be done.
SHORTEST_EXPIRY_S = 300


def _every(seconds: float, task: str) -> dict[str, Any]:
    """This function will schedule a task."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, SHORTEST_EXPIRY_S)}}


use_steady_channels()
app = Celery("keep4o")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The count has a queue of its own, so that a worker that does nothing else (`-Q count`) keeps it current whatever mails,
# files and cases there are to work on. A worker that is told of no queue serves both.
app.conf.task_queues = (Queue("celery"), Queue("count"))
app.conf.task_routes = {"petitions.tasks.fold_owed_tallies": {"queue": "count"}}
app.conf.beat_schedule = {
    # An open page may trail a proof by two seconds at most, of which its own question takes up to 1.2.
    "fold owed tallies": _every(0.5, "petitions.tasks.fold_owed_tallies"),
    # A supporter waits for the verification mail: it leaves within a second or so.
    "deliver due messages": _every(1, "outbox.tasks.deliver_due_messages"),
    # A milestone is told to the team's programs as soon as to its people.
    "deliver due webhooks": _every(2, "outbox.tasks.deliver_due_webhooks"),
    # Several days of failures came before it: a minute more is nothing.
    "tell of disabled webhooks": _every(60, "accounts.tasks.tell_of_disabled_webhooks"),
    # Whoever erases is told that it is done at once: what a delivery holds meanwhile goes as soon as it lets go.
    "forget owed messages": _every(1, "outbox.tasks.forget_owed_messages"),
    # A provider's word can come before the commit of its message, by the length of a batch.
    "match delivery events": _every(15, "outbox.tasks.match_delivery_events"),
    # Nobody waits for news; the batches yield to verification mails by their priority.
    "spread milestone news": _every(10, "petitions.tasks.spread_milestone_news"),
    # Whoever presses "run" looks at the page until it is done.
    "advance cases": _every(2, "petitions.tasks.advance_cases"),
    # Whoever asked for a file reloads the page until it is there.
    "prepare exports": _every(2, "petitions.tasks.prepare_exports"),
    # The console shows hours: ten seconds late is soon enough.
    "add up attempts": _every(10, "petitions.tasks.add_up_attempts"),
    # A little work, always: a drift must be mended before anybody sees it twice.
    "reconcile tallies": _every(5, "petitions.tasks.reconcile_tallies"),
    # Openings and closings fall on the minute that organisers choose.
    "open and close petitions": _every(60, "petitions.tasks.open_and_close_petitions"),
    # Lifetimes are counted in days: an hour late is soon enough. All kinds in one task, for one report.
    "forget expired": _every(3600, "keep4o_site.tasks.forget_expired"),
}
