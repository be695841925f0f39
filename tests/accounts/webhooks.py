"""Webhooks of teams as their tests need them: they lead to this machine, where nothing need listen."""

from datetime import datetime

from accounts.models import Team, TeamWebhook, User
from accounts.webhook_actions import add_webhook
from tests.factories import NOW, make_team, make_user

URL = "http://127.0.0.1:9/hooks?key=hidden"


def make_webhook(
    *, team: Team | None = None, actor: User | None = None, url: str = URL, now: datetime = NOW
) -> TeamWebhook:
    return add_webhook(
        team=team or make_team(), actor=actor or make_user(), url=url, description="our newsletter", now=now
    )
