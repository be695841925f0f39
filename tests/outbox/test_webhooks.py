"""What the provider tells is believed from the provider alone, once, in whatever order; a stranger changes nothing."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from outbox.digests import address_digest
from outbox.models import DeliveryEvent, MessageState, OutgoingMessage, Suppression
from outbox.tracking import match_awaited_events
from tests.factories import make_message
from tests.outbox import provider_payloads as payloads
from tests.outbox.provider_payloads import BREVO_ID, MAILGUN_ID, POSTMARK_ID
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db
IDS = {"postmark": POSTMARK_ID, "mailgun": MAILGUN_ID, "brevo": BREVO_ID}
DELIVERED = {
    "postmark": payloads.postmark_delivery(),
    "mailgun": payloads.mailgun("delivered"),
    "brevo": payloads.brevo("delivered"),
}
GONE = {
    "postmark": payloads.postmark_bounce(),
    "mailgun": payloads.mailgun_failure("permanent", 550, "5.1.1 no such mailbox"),
    "brevo": payloads.brevo("hard_bounce", reason="550 5.1.1 unknown user"),
}
PASSING = {
    "postmark soft": payloads.postmark_bounce(Type="SoftBounce", TypeCode=4096, Details="smtp;452 4.2.2 over quota"),
    "postmark spam filter": payloads.postmark_bounce(Details="smtp;550 5.7.1 message content rejected"),
    "postmark full": payloads.postmark_bounce(Details="smtp;552 5.2.2 mailbox full"),
    "mailgun spam filter": payloads.mailgun_failure("permanent", 550, "5.7.1 blocked by policy"),
    "mailgun later": payloads.mailgun_failure("temporary", 451, "4.7.1 greylisted"),
    "brevo soft": payloads.brevo("soft_bounce", reason="mailbox busy"),
}
COMPLAINT = {
    "postmark": payloads.postmark_complaint(),
    "mailgun": payloads.mailgun("complained"),
    "brevo": payloads.brevo("spam"),
}
every_provider = pytest.mark.parametrize("provider", sorted(IDS))


@pytest.fixture(autouse=True)
def _postmark(settings: Settings) -> None:
    configure(settings, "postmark")


def configure(settings: Settings, provider: str) -> None:
    settings.MAIL_PROVIDER = provider
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": payloads.SECRET,
        "MAILGUN_API_KEY": "key",
        "MAILGUN_WEBHOOK_SIGNING_KEY": payloads.MAILGUN_SIGNING_KEY,
        "BREVO_API_KEY": "key",
    }


def post(payload: dict[str, Any] | bytes, *, provider: str = "postmark", auth: str = payloads.SECRET) -> HttpResponse:
    """As a program outside posts: no cookie, no Origin, CSRF checks in force."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    body = payload if isinstance(payload, bytes) else payloads.as_body(payload)
    headers = payloads.basic_auth(auth) if auth else {}
    return client.post(reverse("mail-webhook", args=[provider]), body, "application/json", headers=headers)


def sent_message(provider: str = "postmark", *, recipient: str = "alice@example.org") -> OutgoingMessage:
    message = make_message(recipient=recipient)
    message.state, message.sent_at, message.provider_id = MessageState.SENT, message.created_at, IDS[provider]
    message.save()
    return message


def is_suppressed(address: str = "alice@example.org") -> bool:
    return Suppression.objects.filter(address_digest=address_digest(address=address)).exists()


@every_provider
def test_a_delivery_is_noted_on_its_message(settings: Settings, provider: str) -> None:
    configure(settings, provider)
    message = sent_message(provider)

    assert post(DELIVERED[provider], provider=provider).status_code == 200

    message.refresh_from_db()
    assert message.delivered_at == payloads.WHEN
    assert not is_suppressed()


@every_provider
def test_a_mailbox_that_is_gone_is_not_written_to_again(settings: Settings, provider: str) -> None:
    configure(settings, provider)
    message = sent_message(provider)

    post(GONE[provider], provider=provider)

    message.refresh_from_db()
    assert message.bounced_at is not None
    assert Suppression.objects.get().reason == "bounced"
    assert is_suppressed()


@pytest.mark.parametrize("case", sorted(PASSING))
def test_a_bounce_that_may_pass_stops_nothing(settings: Settings, case: str) -> None:
    provider = case.partition(" ")[0]
    configure(settings, provider)
    sent_message(provider)

    assert post(PASSING[case], provider=provider).status_code == 200

    assert DeliveryEvent.objects.count() == 1
    assert not is_suppressed()


@every_provider
def test_a_complaint_ends_all_mail_to_its_writer(settings: Settings, provider: str) -> None:
    configure(settings, provider)
    message = sent_message(provider)

    post(COMPLAINT[provider], provider=provider)

    message.refresh_from_db()
    assert message.complained_at is not None
    assert Suppression.objects.get().reason == "complained"


def test_the_address_that_we_wrote_to_counts_not_its_spelling(settings: Settings) -> None:
    sent_message(recipient="alice@bücher.example")

    post(payloads.postmark_bounce(Email="alice@xn--bcher-kva.example"))

    assert is_suppressed("alice@bücher.example")


def test_a_complaint_after_the_message_was_forgotten_still_ends_mail() -> None:
    message = sent_message()
    OutgoingMessage.objects.update(payload_sealed=None)

    post(payloads.postmark_complaint(Email="Alice@Example.org"))

    message.refresh_from_db()
    assert message.complained_at is not None
    assert is_suppressed()


def test_an_event_told_again_changes_nothing() -> None:
    sent_message()

    for _ in range(3):
        assert post(payloads.postmark_delivery()).status_code == 200
        assert post(payloads.postmark_bounce()).status_code == 200

    assert DeliveryEvent.objects.count() == 2
    assert Suppression.objects.count() == 1


def test_a_repeated_bounce_does_not_undo_what_staff_lifted() -> None:
    sent_message()
    post(payloads.postmark_bounce())
    Suppression.objects.all().delete()

    post(payloads.postmark_bounce())

    assert not is_suppressed()


@pytest.mark.django_db(transaction=True)
def test_the_same_event_ten_times_at_once_is_one() -> None:
    sent_message()

    answers = results_of(run_in_parallel(lambda: post(payloads.postmark_bounce()).status_code, times=10))

    assert set(answers) == {200}
    assert (DeliveryEvent.objects.count(), Suppression.objects.count()) == (1, 1)


def test_events_may_come_in_any_order() -> None:
    message = sent_message()

    post(payloads.postmark_complaint())
    post(payloads.postmark_delivery())

    message.refresh_from_db()
    assert message.delivered_at is not None
    assert message.complained_at is not None
    assert message.delivered_at < message.complained_at


def test_an_event_that_overtakes_its_message_waits_for_it() -> None:
    message = make_message()
    assert post(payloads.postmark_bounce()).status_code == 200
    assert not is_suppressed()
    message.state, message.sent_at, message.provider_id = MessageState.SENT, message.created_at, POSTMARK_ID
    message.save()

    assert match_awaited_events(now=timezone.now()) == 1

    message.refresh_from_db()
    assert message.bounced_at is not None
    assert is_suppressed()
    assert match_awaited_events(now=timezone.now()) == 0
    assert not DeliveryEvent.objects.exclude(awaited_provider_id="").exists()


def test_an_event_of_somebody_elses_message_is_forgotten_after_a_day() -> None:
    assert post(payloads.postmark_bounce()).status_code == 200

    assert match_awaited_events(now=timezone.now()) == 0
    assert not is_suppressed()

    match_awaited_events(now=timezone.now() + timedelta(days=2))
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize("record_type", ["Open", "Click", "SubscriptionChange", "SomethingNew"])
def test_what_nobody_asked_for_is_dropped(record_type: str) -> None:
    sent_message()

    assert post(payloads.postmark_delivery(RecordType=record_type)).status_code == 200

    assert not DeliveryEvent.objects.exists()


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
