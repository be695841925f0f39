"""A deliverer of webhooks in a process of its own, for a test to kill: `python -m tests.outbox.webhook_process [claim]`."""

import os
import signal
import sys

import django

from tests import environment  # noqa: F401 # before the settings are read

if __name__ == "__main__":
    django.setup()

    from django.utils import timezone

    from outbox.webhook_delivery import claim_webhook, deliver_webhooks

    if sys.argv[1:] == ["claim"]:
        assert claim_webhook(now=timezone.now())
        os.kill(os.getpid(), signal.SIGKILL)  # between the claim and the post
    deliver_webhooks(now=timezone.now())
