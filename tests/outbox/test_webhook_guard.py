"""Whoever is not the provider changes nothing, and whatever is posted is answered."""

import logging

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from outbox.models import DeliveryEvent, Suppression
from tests.outbox import provider_payloads as payloads
from tests.outbox.webhook_posts import GONE, IDS, configure, is_suppressed, post, sent_message

pytestmark = pytest.mark.django_db
every_provider = pytest.mark.parametrize("provider", sorted(IDS))


@pytest.fixture(autouse=True)
def _postmark(settings: Settings) -> None:
    configure(settings, "postmark")


@pytest.mark.parametrize("auth", ["", "keep4o:wrong", "somebody:a-long-webhook-password"])
@every_provider
def test_a_wrong_secret_is_refused(settings: Settings, provider: str, auth: str) -> None:
    configure(settings, provider)
    sent_message(provider)

    assert post(GONE[provider], provider=provider, auth=auth).status_code == 403

    assert not DeliveryEvent.objects.exists()
    assert not is_suppressed()


def test_a_mailgun_signature_of_another_key_is_refused(settings: Settings) -> None:
    configure(settings, "mailgun")

    forged = payloads.mailgun("complained", key="another-key")

    assert post(forged, provider="mailgun").status_code == 403
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"42",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"RecordType": ["Bounce"]}',
        b'{"RecordType": "Bounce", "MessageID": {"a": 1}, "Email": [], "BouncedAt": "yesterday"}',
        b'{"RecordType": "Bounce", "MessageID": "a\\u0000b", "ID": "\\u0000", "Metadata": null}',
        b'{"RecordType": "Inbound"}',
        b'{"event-data": null, "signature": {}}',
        b'{"event-data": {"event": {}}}',
    ],
)
@every_provider
def test_garbage_is_answered_and_never_a_fault(settings: Settings, provider: str, body: bytes) -> None:
    configure(settings, provider)

    answer = post(body, provider=provider)

    assert answer.status_code in (200, 400, 403)
    assert not Suppression.objects.exists()


def test_garbage_with_a_true_mailgun_signature_is_no_fault(settings: Settings) -> None:
    configure(settings, "mailgun")
    signature = payloads.mailgun("delivered")["signature"]

    for data in (None, [], "x", {}, {"event": "delivered", "timestamp": "now"}, {"event": "failed", "message": 7}):
        answer = post({"signature": signature, "event-data": data}, provider="mailgun")
        assert answer.status_code in (200, 400), data


def test_too_much_is_refused() -> None:
    assert post(b'"' + b"x" * 300_000 + b'"').status_code == 413


@pytest.mark.parametrize("told", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-03-02T12:00:05", "nonsense"])
def test_an_impossible_instant_is_not_believed(told: str) -> None:
    sent_message()

    status = post(payloads.postmark_delivery(DeliveredAt=told)).status_code

    assert status in (200, 400)
    assert not DeliveryEvent.objects.filter(occurred_at__gt=timezone.now()).exists()


@every_provider
def test_without_a_secret_or_a_provider_there_is_no_webhook(settings: Settings, provider: str) -> None:
    configure(settings, provider)
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": ""}
    assert post(GONE[provider], provider=provider).status_code == 404

    configure(settings, "")
    assert post(GONE[provider], provider=provider).status_code == 404


@pytest.mark.parametrize("other", ["mailgun", "sendgrid", "x"])
def test_only_the_configured_providers_webhook_exists(other: str) -> None:
    assert post(payloads.postmark_bounce(), provider=other).status_code == 404


def test_a_get_is_refused_and_a_head_changes_nothing() -> None:
    url = reverse("mail-webhook", args=["postmark"])

    assert Client().get(url, headers=payloads.basic_auth()).status_code == 405
    assert Client().head(url).status_code == 200


def test_the_webhook_has_no_language_and_sets_no_cookie() -> None:
    sent_message()

    answer = post(payloads.postmark_delivery())

    assert reverse("mail-webhook", args=["postmark"]) == "/anymail/postmark/tracking/"
    assert not answer.cookies


def test_no_event_leaves_an_address_in_a_log_or_a_row(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sent_message()

    post(payloads.postmark_bounce())
    post(payloads.postmark_bounce(), auth="keep4o:wrong")
    post(b'{"Email": "alice@example.org"')

    rows = [*DeliveryEvent.objects.values_list(), *Suppression.objects.values_list()]
    assert "alice" not in str(rows)
    assert not [record for record in caplog.records if "alice" in str(vars(record))]
