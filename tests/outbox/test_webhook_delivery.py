"""From the row to the receiver and back: what each answer does to the event and to its endpoint."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from outbox import posting
from outbox.tasks import deliver_due_webhooks
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState, sealed_secret
from outbox.webhook_rules import MAX_ATTEMPTS, make_secret
from tests.outbox.webhook_making import deliver, make_endpoint, owe_event
from tests.outbox.webhook_receiver import Receiver, running_receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver(Receiver()) as running:
        yield running


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def refreshed(event: OutgoingWebhook) -> OutgoingWebhook:
    event.refresh_from_db()
    return event


def endpoint_of(event: OutgoingWebhook) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=event.endpoint_id)


# --- Success ----------------------------------------------------------------------------------------------------------
def test_a_receiver_gets_the_event_once_signed(receiver: Receiver, now: datetime) -> None:
    endpoint = make_endpoint(url=receiver.url)
    event = owe_event(endpoint, now=now)

    assert deliver() == {"sent": 1}
    assert deliver() == {}

    [request] = receiver.received
    request.verify(endpoint.secret())
    assert request.webhook_id == event.webhook_id
    assert request.event == {
        "type": "petition.milestone_reached",
        "timestamp": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "data": {"petition": "keep-gpt-4o", "threshold": 20_000},
    }
    sent = refreshed(event)
    assert (sent.state, sent.attempts, sent.last_answer) == (WebhookState.SENT, 1, "HTTP 204")


def test_two_endpoints_get_an_event_each_with_their_own_secret(receiver: Receiver) -> None:
    one, two = (make_endpoint(url=receiver.url) for _ in range(2))
    owe_event(one, two)

    assert deliver() == {"sent": 2}

    assert len(set(receiver.ids)) == 2
    by_id = {request.webhook_id: request for request in receiver.received}
    for endpoint in (one, two):
        by_id[OutgoingWebhook.objects.get(endpoint=endpoint).webhook_id].verify(endpoint.secret())


def test_during_a_rotation_both_secrets_verify_and_afterwards_the_new_one_alone(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url)
    old, new = endpoint.secret(), make_secret()
    until = timezone.now() + timedelta(hours=24)
    WebhookEndpoint.objects.update(
        secret_sealed=sealed_secret(new), previous_secret_sealed=endpoint.secret_sealed, previous_secret_until=until
    )

    owe_event(endpoint)
    deliver()
    owe_event(endpoint)
    WebhookEndpoint.objects.update(previous_secret_until=timezone.now())
    deliver()

    during, after = receiver.received
    during.verify(old)
    during.verify(new)
    after.verify(new)
    assert [len(request.headers["webhook-signature"].split()) for request in (during, after)] == [2, 1]


# --- Failure ----------------------------------------------------------------------------------------------------------
def test_what_failed_once_is_sent_again_under_the_same_id_and_with_a_new_timestamp(
    receiver: Receiver, now: datetime
) -> None:
    receiver.statuses = [500]
    event = owe_event(make_endpoint(url=receiver.url), now=now)

    assert deliver(now=now) == {"delayed": 1}
    waiting = refreshed(event)
    assert (waiting.state, waiting.last_answer, waiting.attempts) == (WebhookState.DUE, "HTTP 500", 1)
    assert timedelta(seconds=4) <= waiting.due_at - now <= timedelta(seconds=7)
    assert deliver(now=now + timedelta(seconds=2)) == {}
    assert deliver(now=now + timedelta(seconds=8)) == {"sent": 1}

    assert receiver.ids == [event.webhook_id] * 2
    assert receiver.received[0].body == receiver.received[1].body
    first, second = (int(request.headers["webhook-timestamp"]) for request in receiver.received)
    assert second > first
    assert endpoint_of(event).failing_since is None


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [
        ({"status": 302}, "HTTP 302, a redirect"),
        ({"status": 404}, "HTTP 404"),
        ({"dies": True}, "connection ended without an answer"),
    ],
)
def test_whatever_is_no_success_is_tried_again(receiver: Receiver, behaviour: dict[str, object], answer: str) -> None:
    vars(receiver).update(behaviour)
    event = owe_event(make_endpoint(url=receiver.url))

    assert deliver() == {"delayed": 1}

    assert refreshed(event).last_answer == answer
    assert endpoint_of(event).failing_since is not None


def test_an_answer_that_does_not_come_in_time_is_tried_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TOTAL_S", 0.3)
    receiver.delay_s = 1.0
    event = owe_event(make_endpoint(url=receiver.url))

    assert deliver() == {"delayed": 1}

    assert refreshed(event).last_answer == "timeout"
    assert endpoint_of(event).failing_since is not None


def test_retry_after_is_honoured_and_rests_the_endpoint(receiver: Receiver, now: datetime) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": "3600"}
    endpoint = make_endpoint(url=receiver.url)
    first, second = owe_event(endpoint, now=now), owe_event(endpoint, now=now)

    assert deliver(now=now) == {"delayed": 1}
    assert deliver(now=now + timedelta(minutes=59)) == {}
    receiver.headers = {}
    assert deliver(now=now + timedelta(minutes=61)) == {"sent": 2}

    assert refreshed(first).state == refreshed(second).state == WebhookState.SENT


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_under_load_that_names_no_time_rests_for_minutes_and_not_for_a_day(
    receiver: Receiver, now: datetime, status: int
) -> None:
    receiver.statuses = [status]
    endpoint = make_endpoint(url=receiver.url)
    late, fresh = owe_event(endpoint, now=now), owe_event(endpoint, now=now)
    OutgoingWebhook.objects.filter(pk=late.pk).update(attempts=MAX_ATTEMPTS - 2)

    assert deliver(now=now) == {"delayed": 1}
    assert deliver(now=now + timedelta(minutes=4)) == {}
    assert deliver(now=now + timedelta(minutes=5, seconds=9)) == {"sent": 1}

    assert refreshed(fresh).state == WebhookState.SENT
    assert refreshed(late).due_at - now > timedelta(hours=18)


def test_a_time_out_rests_the_endpoint_too(receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TOTAL_S", 0.2)
    receiver.delay_s = 0.5
    endpoint = make_endpoint(url=receiver.url)
    for _ in range(3):
        owe_event(endpoint, now=now)

    assert deliver(now=now) == {"delayed": 1}

    assert len(receiver.ids) == 1


def test_410_disables_the_endpoint_at_once(receiver: Receiver, now: datetime) -> None:
    receiver.status = 410
    endpoint = make_endpoint(url=receiver.url)
    event, other = owe_event(endpoint, now=now), owe_event(endpoint, now=now)

    assert deliver(now=now) == {"failed": 1}
    assert deliver(now=now + timedelta(days=9)) == {}

    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.team_told_at) == (DisabledReason.GONE, None)
    assert (refreshed(event).state, refreshed(other).state) == (WebhookState.FAILED, WebhookState.DUE)
    assert len(receiver.received) == 1


def test_an_endpoint_that_fails_for_days_is_disabled_after_the_last_attempt(receiver: Receiver, now: datetime) -> None:
    receiver.status = 500
    event = owe_event(make_endpoint(url=receiver.url), now=now)

    for _ in range(MAX_ATTEMPTS):
        assert endpoint_of(event).is_enabled
        now = max(now, refreshed(event).due_at)
        deliver(now=now)

    endpoint = endpoint_of(event)
    assert (refreshed(event).state, event.attempts) == (WebhookState.FAILED, MAX_ATTEMPTS)
    assert endpoint.disabled_reason == DisabledReason.FAILING
    assert set(receiver.ids) == {event.webhook_id}


def test_one_event_that_is_never_taken_does_not_disable_an_endpoint_that_takes_others(
    receiver: Receiver, now: datetime
) -> None:
    receiver.status = 500
    event = owe_event(make_endpoint(url=receiver.url), now=now)
    deliver(now=now)
    OutgoingWebhook.objects.update(attempts=MAX_ATTEMPTS - 1)
    WebhookEndpoint.objects.update(failing_since=now + timedelta(days=3))  # it took another one an hour before

    deliver(now=now + timedelta(days=3, hours=1))

    assert refreshed(event).state == WebhookState.FAILED
    assert endpoint_of(event).is_enabled


def test_a_test_that_fails_is_not_tried_again_and_disables_nothing(receiver: Receiver) -> None:
    receiver.status = 500
    event = owe_event(make_endpoint(url=receiver.url), is_test=True)

    assert deliver() == {"failed": 1}

    assert (refreshed(event).state, event.last_answer) == (WebhookState.FAILED, "HTTP 500")
    assert endpoint_of(event).is_enabled
    assert endpoint_of(event).failing_since is None


def test_what_can_no_longer_be_opened_fails_for_itself(receiver: Receiver) -> None:
    broken, good = make_endpoint(url=receiver.url), make_endpoint(url=receiver.url)
    WebhookEndpoint.objects.filter(pk=broken.pk).update(secret_sealed=b"x")
    event = owe_event(broken, good)

    assert deliver() == {"sent": 1, "delayed": 1}

    assert refreshed(event).last_answer == "cannot be opened"


def test_in_production_nothing_is_posted_to_this_machine_whatever_was_saved(
    receiver: Receiver, settings: Settings
) -> None:
    event = owe_event(make_endpoint(url=receiver.url))
    settings.WEBHOOKS_TO_LOOPBACK = False

    assert deliver() == {"delayed": 1}

    assert refreshed(event).last_answer == "address refused"
    assert receiver.connections == 0


# --- What is told -----------------------------------------------------------------------------------------------------
def test_no_log_line_holds_a_query_a_secret_or_a_body(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.statuses = [500, 410]
    endpoint = make_endpoint(url=receiver.url)
    owe_event(endpoint)

    deliver()
    deliver(now=timezone.now() + timedelta(seconds=10))
    deliver_due_webhooks()

    said = " ".join(str(vars(record)) for record in caplog.records)
    assert "webhook_endpoint_disabled" in said
    for secret in ("hidden", endpoint.secret(), endpoint.secret().removeprefix("whsec_"), "keep-gpt-4o", "v1,"):
        assert secret not in said


def test_nothing_due_costs_one_statement(django_assert_num_queries: object) -> None:
    make_endpoint()

    with django_assert_num_queries(1):  # type: ignore[operator]
        deliver()
