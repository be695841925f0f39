"""The public page for those whose message does not arrive: the same for everybody, and true to the settings."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from outbox.models import SuppressionReason
from outbox.suppression import suppress_address
from tests.factories import ALICE, NOW, make_petition

pytestmark = pytest.mark.django_db


def test_the_page_says_where_our_mail_comes_from_and_how_to_get_it_again(client: Client, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Keep4o <no-reply@keep4o.example>"

    answer = client.get(reverse("mail-help"))

    assert answer.status_code == 200
    assert "no-reply@keep4o.example" in answer.content.decode()
    assert settings.CONTACT_EMAIL in answer.content.decode()


def test_whoever_has_just_signed_is_led_to_it(client: Client) -> None:
    petition = make_petition()

    page = client.get(reverse("petitions:check-your-email", args=[petition.slug])).content.decode()

    assert reverse("mail-help") in page


def test_no_page_knows_who_is_suppressed(client: Client) -> None:
    petition = make_petition()
    urls = [reverse("mail-help"), reverse("petitions:check-your-email", args=[petition.slug])]
    before = [client.get(url).content for url in urls]

    suppress_address(address=ALICE, reason=SuppressionReason.COMPLAINED, now=NOW)

    assert [client.get(url).content for url in urls] == before
