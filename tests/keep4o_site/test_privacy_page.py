"""The privacy page promises what the settings do."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize(
    "setting", ["PENDING_SIGNATURE_LIFETIME", "DELIVERED_MESSAGE_RETENTION", "ADDRESS_RETENTION_AFTER_CLOSING"]
)
@pytest.mark.parametrize(("language", "days"), [("en", "11 days"), ("fr", "11 jours")])
def test_every_lifetime_is_told_as_it_is_set(
    client: Client, settings: Settings, setting: str, language: str, days: str
) -> None:
    setattr(settings, setting, timedelta(days=11))

    assert days in client.get(f"/{language}/privacy/").text
