"""
A milestone falls on a running site, and the team's program hears of it: once, signed, while its server first was away.

Everything is real: PostgreSQL, Valkey, the web server, the worker, its clock, and a receiver on loopback.
"""

import time
from urllib.request import urlopen

import pytest

from tests.live_site import LiveSite
from tests.outbox.webhook_receiver import Receiver, running_receiver

pytestmark = pytest.mark.slow
SLUG = "keep-gpt-4o"
ADD_WEBHOOK = """
from django.utils import timezone
from accounts.models import User
from accounts.webhook_actions import add_webhook
from petitions.models import Petition
team = Petition.objects.get(slug="{slug}").team
webhook = add_webhook(team=team, actor=User.objects.get(email="bob@example.org"), url="{url}",
    description="our newsletter", now=timezone.now())
print("secret:", webhook.endpoint.secret())
"""
SIGN_ONCE_MORE = """
from django.utils import timezone
from petitions.models import Petition
from tests.factories import make_signature
make_signature(petition=Petition.objects.get(slug="{slug}"), verified_at=timezone.now())
"""


def test_the_twenty_thousandth_signature_is_told_once_to_a_program(fresh_demo_site: LiveSite) -> None:
    with running_receiver(Receiver(statuses=[500])) as receiver:
        said = fresh_demo_site.manage("shell", "-v0", "-c", ADD_WEBHOOK.format(slug=SLUG, url=receiver.url))
        secret = said.partition("secret: ")[2].split()[0]

        fresh_demo_site.manage("shell", "-v0", "-c", SIGN_ONCE_MORE.format(slug=SLUG))
        receiver.wait_for(2)  # refused, and again after some five seconds
        time.sleep(3)  # a third one would come with the next question of the clock

    first, second = receiver.received
    assert first.webhook_id == second.webhook_id
    second.verify(secret)
    assert second.event["type"] == "petition.milestone_reached"
    told = second.event["data"]
    assert (told["petition"], told["threshold"], told["count"]) == (SLUG, 20_000, 20_000)
    with urlopen(told["url"]) as page:
        assert page.status == 200
    for log in (fresh_demo_site.worker_log(), fresh_demo_site.web_log()):
        assert "hidden" not in log
        assert secret not in log
