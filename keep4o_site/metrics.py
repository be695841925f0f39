"""
Figures for the operator, read from the database, so that any web process gives the same answer.

They are computed when they are asked for: a counter in the memory of one of several processes would say little.
"""

import math
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from keep4o_site.leadership import clocks
from keep4o_site.page_cache.figures import collect_page_cache
from keep4o_site.retention import retention_report
from outbox.models import MessageState, OutgoingMessage, OwedForgetting
from outbox.webhook_models import OutgoingWebhook, WebhookEndpoint
from petitions.models import PendingSignature, TallyEntry, TallyRepair
from petitions.queries.reconciliation import known_drift, last_laps, oldest_owed_entry, published_totals


def collect_metrics(*, now: datetime) -> CollectorRegistry:
    """This function will read every figure, each with one statement, whatever the number of signatures' owners."""
    registry = CollectorRegistry()
    _collect_tallies(registry, now=now)
    _collect_outbox(registry, now=now)
    _collect_webhooks(registry, now=now)
    _collect_retention(registry, now=now)
    collect_page_cache(registry)
    _collect_clocks(registry)
    attempts = PendingSignature.objects.count()
    _gauge(registry, "petitions_pending_attempts", "Attempts to sign that are not proved yet", attempts)
    return registry


def _collect_tallies(registry: CollectorRegistry, *, now: datetime) -> None:
    what = "Signatures by which the last looks at the counts found them differ from the truth: 0, or an error"
    _gauge(registry, "petitions_tally_drift", what, known_drift())
    _gauge(
        registry, "petitions_tally_repairs", "Drifts that were found and repaired, ever", TallyRepair.objects.count()
    )
    _gauge(registry, "petitions_tally_entries_owed", "Entries that wait for a fold", TallyEntry.objects.count())
    _age(registry, "petitions_tally_oldest_owed_age_seconds", "Age of the oldest of them", oldest_owed_entry(), now=now)
    what = "How long ago all signatures of a petition were last compared with its count"
    laps = Gauge("petitions_tally_lap_age_seconds", what, ["petition"], registry=registry)
    for slug, looked_through_at in last_laps():
        laps.labels(petition=slug).set(max(0.0, (now - looked_through_at).total_seconds()))
    signatures = Gauge("petitions_signatures", "Published count of a public petition", ["petition"], registry=registry)
    for slug, total in published_totals():
        signatures.labels(petition=slug).set(total)


def _collect_outbox(registry: CollectorRegistry, *, now: datetime) -> None:
    due = OutgoingMessage.objects.filter(state=MessageState.DUE, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    failed = OutgoingMessage.objects.filter(state=MessageState.FAILED).count()
    _gauge(registry, "outbox_messages_due", "Messages that should have left", due.count())
    _age(registry, "outbox_oldest_due_age_seconds", "How long the oldest of them has been due", oldest, now=now)
    _gauge(registry, "outbox_messages_failed", "Messages that were refused for good and are still kept", failed)


def _collect_webhooks(registry: CollectorRegistry, *, now: datetime) -> None:
    due = OutgoingWebhook.objects.waiting().filter(due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    failed = OutgoingWebhook.objects.failed().count()
    disabled = WebhookEndpoint.objects.filter(disabled_at__isnull=False).count()
    _gauge(registry, "outbox_webhooks_due", "Events that should have been posted to an enabled webhook", due.count())
    _age(
        registry, "outbox_webhooks_oldest_due_age_seconds", "How long the oldest of them has been due", oldest, now=now
    )
    _gauge(registry, "outbox_webhooks_failed", "Events that a webhook did not take, for good", failed)
    _gauge(
        registry,
        "outbox_webhook_endpoints_disabled",
        "Webhooks that are switched off, by their team or by us",
        disabled,
    )


def _collect_retention(registry: CollectorRegistry, *, now: datetime) -> None:
    what = "How long ago a kind of data was last looked through for what has expired; infinite if never"
    age = Gauge("keep4o_retention_last_run_age_seconds", what, ["kind"], registry=registry)
    for line in retention_report(now=now):
        seconds = (now - line.done.last_run_at).total_seconds() if line.done else math.inf
        age.labels(kind=line.retention.kind).set(max(0.0, seconds))
    oldest = OwedForgetting.objects.order_by("owed_at").values_list("owed_at", flat=True).first()
    what = "How long the message of somebody who left has waited to be emptied, while its row is held"
    _age(registry, "outbox_oldest_owed_forgetting_age_seconds", what, oldest, now=now)


def _collect_clocks(registry: CollectorRegistry) -> None:
    running = clocks()
    what = "Clocks that lead: 1, or 0 for the seconds of a change"
    _gauge(registry, "keep4o_clock_leaders", what, sum(running.values()))
    leads = Gauge("keep4o_clock_leads", "Whether a clock that runs is the one that sends", ["clock"], registry=registry)
    for name, is_leader in running.items():
        leads.labels(clock=name).set(is_leader)


def _gauge(registry: CollectorRegistry, name: str, what: str, value: float) -> None:
    Gauge(name, what, registry=registry).set(value)


def _age(registry: CollectorRegistry, name: str, what: str, since: datetime | None, *, now: datetime) -> None:
    _gauge(registry, name, what, max(0.0, (now - since).total_seconds()) if since else 0.0)
