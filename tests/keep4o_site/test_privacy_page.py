"""The privacy page promises what the settings do, and says what was done."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.retention import record_run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "setting",
    [
        "PENDING_SIGNATURE_LIFETIME",
        "DELIVERED_MESSAGE_RETENTION",
        "ADDRESS_RETENTION_AFTER_CLOSING",
        "NETWORK_RETENTION",
    ],
)
@pytest.mark.parametrize(("language", "days"), [("en", "11 days"), ("fr", "11 jours")])
def test_every_lifetime_is_told_as_it_is_set(
    client: Client, settings: Settings, setting: str, language: str, days: str
) -> None:
    setattr(settings, setting, timedelta(days=11))

    assert days in client.get(f"/{language}/privacy/").text


def test_everybody_can_read_what_was_forgotten_so_far(client: Client) -> None:
    now = timezone.now()
    record_run(kind="attempts", forgotten=1_200, now=now - timedelta(days=300))
    record_run(kind="attempts", forgotten=34, now=now)
    record_run(kind="retention_runs", forgotten=5_678, now=now)

    page = client.get("/en/privacy/").text

    assert "Attempts to sign that were never confirmed: 1,234" in page
    assert "5,678" not in page  # about nobody


def test_nothing_is_claimed_before_the_first_run(client: Client) -> None:
    assert "What was forgotten so far" not in client.get("/en/privacy/").text


def test_the_page_is_kept_by_caches_and_costs_two_statements(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        answer = client.get("/en/privacy/")

    assert "s-maxage=300" in answer["Cache-Control"]
    assert not answer.cookies
