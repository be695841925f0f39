"""A deliverer that is killed with -9, in each place where it hurts: the event goes out again under the same webhook-id."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.utils import timezone

from outbox.webhook_models import WebhookState
from outbox.webhook_rules import LEASE
from tests.outbox.webhook_making import deliver, make_endpoint, owe_event
from tests.outbox.webhook_receiver import Receiver, running_receiver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
AFTER_THE_CLAIM = LEASE + timedelta(seconds=10)


def test_killed_between_the_claim_and_the_post() -> None:
    with running_receiver(Receiver()) as receiver:
        event = owe_event(make_endpoint(url=receiver.url))

        assert _deliverer("claim").wait(30) == -signal.SIGKILL

        assert deliver() == {}  # the claim of the dead still holds
        assert receiver.received == []
        assert deliver(now=timezone.now() + AFTER_THE_CLAIM) == {"sent": 1}
    assert receiver.ids == [event.webhook_id]


def test_killed_between_the_post_and_the_mark() -> None:
    with running_receiver(Receiver(stalls=threading.Event())) as receiver:
        event = owe_event(make_endpoint(url=receiver.url))
        process = _deliverer()
        try:
            receiver.wait_for(1)
        finally:
            process.kill()
            process.wait(30)
        assert receiver.stalls is not None
        receiver.stalls.set()

        assert deliver() == {}
        assert deliver(now=timezone.now() + AFTER_THE_CLAIM) == {"sent": 1}

    assert receiver.ids == [event.webhook_id] * 2
    assert receiver.received[0].body == receiver.received[1].body
    event.refresh_from_db()
    assert (event.state, event.attempts) == (WebhookState.SENT, 2)


def _deliverer(*arguments: str) -> subprocess.Popen[bytes]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    command = [sys.executable, "-m", "tests.outbox.webhook_process", *arguments]
    return subprocess.Popen(command, env={**os.environ, "DATABASE_URL": database})
