"""The clock of the outbox: due messages and events leave within a second or so, and rows forget whom they were for."""

import logging
import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from outbox.delivery import deliver_batch, way_out
from outbox.forgetting import pay_owed_forgettings
from outbox.session_locks import sole_holder
from outbox.tracking import match_awaited_events
from outbox.webhook_delivery import deliver_webhooks

logger = logging.getLogger(__name__)
RUN_BUDGET_S = 20.0
BATCHES_PER_CONNECTION = 4  # of 25: some servers take no more than a hundred mails from one
REST_RATIO = 3.0  # of the processor's time that a batch took
FRESH_S = 2.0  # mails that have been due for longer are a backlog
# Any numbers that no other advisory lock of the site uses.
DELIVERER_LOCK = 0x6B34_0001
_NEXT = 0x100  # from a deliverer's lock to that of the next one
WEBHOOK_LOCK = 0x6B34_0004


@shared_task
def deliver_due_messages() -> None:
    """
    This function will send what is due, for about 20 seconds at most.

    No more deliverers at a time than settings.MAIL_DELIVERERS: while a mail server is slow, the other workers stay free.
    Those who are asked while the others are still busy join them, each over a connection of its own.
    """
    began_at = time.monotonic()
    with sole_holder(*(DELIVERER_LOCK + number * _NEXT for number in range(settings.MAIL_DELIVERERS))) as is_one:
        while is_one and _deliver_over_one_connection(began_at):
            pass


def _deliver_over_one_connection(run_began_at: float) -> bool:
    """This function will send some batches; returns whether there may be more, and time for it."""
    with way_out() as connection:
        for _ in range(BATCHES_PER_CONNECTION):
            used_before_s = time.process_time()
            report = deliver_batch(now=timezone.now(), connection=connection)
            if not report.is_empty:
                counts = {"sent": report.sent, "failed": report.failed, "delayed": report.delayed}
                logger.info("messages_delivered", extra={**counts, "suppressed": report.suppressed})
            if not report.may_have_more or time.monotonic() >= run_began_at + RUN_BUDGET_S:
                return False
            time.sleep(rest_s(used_s=time.process_time() - used_before_s, overdue_s=report.overdue_s))
    return True


def rest_s(*, used_s: float, overdue_s: float) -> float:
    """
    This function will tell for how many seconds a deliverer rests after a batch, the less the longer its first mail was due.

    Where visitors are answered by the same processors, they would wait while a whole second's mails leave at once.

    Args:  used_s: the processor's time that the batch took; to wait for a mail server holds up nobody.
    """
    freshness = 1 - overdue_s / FRESH_S
    return used_s * REST_RATIO * min(1.0, max(0.0, freshness))


@shared_task
def deliver_due_webhooks() -> None:
    """
    This function will post the events that are due, for about half a minute at most.

    One deliverer at a time, which posts to several endpoints at once: slow ones keep one worker busy, never all of them.
    """
    with sole_holder(WEBHOOK_LOCK) as is_sole:
        endings = deliver_webhooks(now=timezone.now()) if is_sole else {}
    if endings:
        logger.info("webhooks_delivered", extra=dict(endings))


@shared_task
def forget_owed_messages() -> None:
    """This function will empty the messages of people who left while their rows were held."""
    while paid := pay_owed_forgettings():
        logger.info("messages_forgotten", extra={"rows": paid})


@shared_task
def match_delivery_events() -> None:
    """This function will give what providers told too early to the messages that it is about."""
    matched = match_awaited_events(now=timezone.now())
    if matched:
        logger.info("delivery_events_matched", extra={"rows": matched})
