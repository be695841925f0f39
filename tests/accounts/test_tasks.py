"""The clock of the accounts."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import forget_ended_sessions


@pytest.mark.django_db
def test_ended_sessions_are_forgotten_and_living_ones_stay() -> None:
    now = timezone.now()
    for key, age in (("ended", timedelta(minutes=-1)), ("living", timedelta(minutes=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=now + age)

    forget_ended_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["living"]
