"""A deliverer in a process of its own, for a test to kill: `python -m tests.outbox.deliver_process`."""

import django
from django.conf import settings

from tests import environment  # noqa: F401 # before the settings are read
from tests.outbox.conftest import TEST_TEMPLATES

if __name__ == "__main__":
    settings.MAIL_TEMPLATE_DIRS.insert(0, TEST_TEMPLATES)
    django.setup()

    from outbox.delivery import deliver_batch
    from tests.factories import NOW

    deliver_batch(now=NOW)
