"""What the provider tells is believed from the provider alone, once, in whatever order; a stranger changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from outbox.models import DeliveryEvent, MessageState, OutgoingMessage, Suppression
from outbox.tracking import match_awaited_events
from tests.factories import make_message
from tests.outbox import provider_payloads as payloads
from tests.outbox.provider_payloads import POSTMARK_ID
from tests.outbox.webhook_posts import GONE, IDS, configure, is_suppressed, post, sent_message
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db
DELIVERED = {
    "postmark": payloads.postmark_delivery(),
    "mailgun": payloads.mailgun("delivered"),
    "brevo": payloads.brevo("delivered"),
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
