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
GENTLE_S = 0.8  # of each run; its tick comes every second
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
            began_at = time.monotonic()
            report = deliver_batch(now=timezone.now(), connection=connection)
            if not report.is_empty:
                counts = {"sent": report.sent, "failed": report.failed, "delayed": report.delayed}
                logger.info("messages_delivered", extra={**counts, "suppressed": report.suppressed})
            if not report.may_have_more or time.monotonic() >= run_began_at + RUN_BUDGET_S:
                return False
            _let_others_work(began_at, run_began_at)
    return True


def _let_others_work(began_at: float, run_began_at: float) -> None:
    """
    This function will rest for as long as a batch took, unless a run has so much to send that it takes long.

    Where visitors are answered by the same processors, they would wait while a whole second's mails leave at once.
    """
    now = time.monotonic()
    if now < run_began_at + GENTLE_S:
        time.sleep(now - began_at)


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
