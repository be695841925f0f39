"""Signing and proving ask PostgreSQL alone: while Valkey is away nobody notices."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from petitions.models import Signature, TallyEntry
from tests.factories import ALICE, make_petition
from tests.petitions.signing_steps import proof_tokens
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db


def test_signing_and_proving_never_ask_valkey(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    slug = make_petition().slug
    page = reverse("petitions:petition-detail", kwargs={"slug": slug})

    with caplog.at_level(logging.WARNING):
        read = client.get(page)
        signed = client.post(f"{page}sign/", {"name": "Alice", "email": ALICE, **carried(slug)})
        proved = client.post(reverse("petitions:verify", kwargs={"token": proof_tokens()[0]}))

    assert (read.status_code, signed.status_code, proved.status_code) == (200, 303, 303)
    assert Signature.objects.count() == TallyEntry.objects.count() == 1
    # The cache answers as an empty one and warns when it is asked in vain.
    assert "cache_unreachable" not in caplog.text
