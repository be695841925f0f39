"""
What is kept for a while and no longer: one description for the clock, the command and the report.

Each app lists its own kinds as RETENTIONS; keep4o_site.retention puts them together. A kind knows no table of another app.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.delivery import purge_payloads
from outbox.rules import DELIVERY_EVENT_RETENTION, FAILED_PAYLOAD_RETENTION
from outbox.tracking import forget_old_events
from outbox.webhook_forgetting import purge_webhooks


@dataclass(frozen=True, kw_only=True)
class Retention:
    """One kind of data that is not kept for ever."""

    kind: str  # in RetentionRun; never changes its meaning
    what: Any  # a lazy text: what goes, for the report
    kept: Callable[[], str]  # for how long, in the reader's language, with the numbers that are in force
    forget_some: Callable[[datetime], int]  # forgets a batch or all, and tells how many; 0 when nothing is left
    is_about_people: bool = True  # told to everybody on the privacy page, too


def _kept_messages() -> str:
    days, failed_days = settings.DELIVERED_MESSAGE_RETENTION.days, FAILED_PAYLOAD_RETENTION.days
    return ngettext(
        "%(days)d day after delivery; %(failed_days)d days if it was refused",
        "%(days)d days after delivery; %(failed_days)d days if it was refused",
        days,
    ) % {"days": days, "failed_days": failed_days}


def _kept_delivery_events() -> str:
    days = DELIVERY_EVENT_RETENTION.days
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


RETENTIONS = (
    Retention(
        kind="messages",
        what=_("Recipient and content of messages"),
        kept=_kept_messages,
        forget_some=lambda now: purge_payloads(now=now),
    ),
    Retention(
        kind="delivery_events",
        what=_("What mail providers told of messages"),
        kept=_kept_delivery_events,
        forget_some=lambda now: forget_old_events(now=now),
    ),
    Retention(
        kind="webhooks",
        what=_("Content of events that were posted to a team's webhooks, and old secrets of these"),
        kept=_kept_messages,
        forget_some=lambda now: purge_webhooks(now=now),
        is_about_people=False,
    ),
)
