"""The report of what was forgotten, as those who answer for it read it, and as their monitoring does."""

import math
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.retention import record_run
from keep4o_site.metrics import collect_metrics
from keep4o_site.retention import ALL_RETENTIONS
from keep4o_site.tasks import forget_expired
from outbox.models import OwedForgetting
from tests.factories import NOW, make_pending_signature, make_user

pytestmark = pytest.mark.django_db


def test_the_page_says_what_when_how_many_and_for_how_long_it_is_kept(bob_client: Client) -> None:
    make_pending_signature(created_at=timezone.now() - timedelta(days=15))
    forget_expired()

    page = bob_client.get(reverse("forgotten")).text

    assert "Attempts to sign that were never confirmed" in page
    assert "14 days" in page
    assert '<td class="number">1</td><td class="number">1</td><td class="number">1</td>' in page
    assert "Something is late" not in page


def test_what_did_not_run_for_a_day_stands_out_on_the_page_and_in_the_metric(bob_client: Client) -> None:
    now = timezone.now()
    stopped, *others = ALL_RETENTIONS
    record_run(kind=stopped.kind, forgotten=0, now=now - timedelta(hours=25))
    for kind in others:
        record_run(kind=kind.kind, forgotten=0, now=now - timedelta(hours=1))

    page = bob_client.get(reverse("forgotten")).text

    assert "Something is late" in page
    assert page.count("<strong>Late</strong>") == 1
    ages = metric_ages(now)
    assert (ages.pop(stopped.kind), set(ages.values())) == (25 * 3600, {3600})


def test_a_site_whose_clock_never_ran_says_so(bob_client: Client) -> None:
    page = bob_client.get(reverse("forgotten")).text

    assert "Something is late" in page
    assert page.count("<strong>Late</strong>") == len(ALL_RETENTIONS)
    assert set(metric_ages(NOW).values()) == {math.inf}


def test_the_sites_staff_read_it_too_and_others_do_not(client: Client, charlie: User) -> None:
    staff = make_user(is_staff=True)

    client.force_login(staff)
    assert client.get(reverse("forgotten")).status_code == 200
    assert client.post(reverse("forgotten")).status_code == 405
    client.force_login(charlie)
    assert client.get(reverse("forgotten")).status_code == 403


def test_a_message_that_waits_to_be_emptied_is_measured() -> None:
    OwedForgetting.objects.create(message_id=1, owed_at=NOW)

    registry = collect_metrics(now=NOW + timedelta(minutes=2))

    assert registry.get_sample_value("outbox_oldest_owed_forgetting_age_seconds") == 120


def metric_ages(now: datetime) -> dict[str, float]:
    registry = collect_metrics(now=now)
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {
        sample.labels["kind"]: sample.value
        for sample in samples
        if sample.name == "keep4o_retention_last_run_age_seconds"
    }
