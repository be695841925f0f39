"""From the row to the receiver and back: what each answer does to the event and to its endpoint."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from outbox import posting, webhook_delivery
from outbox.tasks import deliver_due_webhooks
from outbox.webhook_delivery import claim_webhook
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState, sealed_secret
from outbox.webhook_queue import send_webhook_again
from outbox.webhook_rules import LEASE, MAX_ATTEMPTS, make_secret
from tests.outbox.webhook_making import deliver, make_endpoint, owe_event
from tests.outbox.webhook_receiver import Receiver, running_receiver
from tests.parallel import results_of, run_all_in_parallel, run_in_parallel

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
        ({"delay_s": 1.0}, "timeout"),
    ],
)
def test_whatever_is_no_success_is_tried_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, object], answer: str
) -> None:
    monkeypatch.setattr(posting, "TOTAL_S", 0.3)
    vars(receiver).update(behaviour)
    event = owe_event(make_endpoint(url=receiver.url))

    assert deliver() == {"delayed": 1}

    assert refreshed(event).last_answer == answer
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


# --- Stopping ---------------------------------------------------------------------------------------------------------
def test_nothing_is_sent_to_a_disabled_endpoint_and_what_waited_leaves_when_it_is_enabled(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url)
    owe_event(endpoint)
    WebhookEndpoint.objects.update(disabled_at=timezone.now(), disabled_reason=DisabledReason.BY_TEAM)

    assert deliver() == {}
    WebhookEndpoint.objects.update(disabled_at=None, disabled_reason="")
    assert deliver() == {"sent": 1}


def test_an_endpoint_deleted_while_its_receiver_thinks_leaves_nothing_behind(receiver: Receiver) -> None:
    receiver.delay_s = 0.3
    endpoint = make_endpoint(url=receiver.url)
    owe_event(endpoint)

    def delete() -> dict[str, int]:
        receiver.wait_for(1)
        endpoint.delete()
        return {}

    [_nothing, endings] = sorted(results_of(run_all(delete)), key=len)

    assert endings == {"lost": 1}
    assert not OutgoingWebhook.objects.exists()


def run_all(other: object) -> list[dict[str, int] | Exception]:
    return run_all_in_parallel([deliver, other])  # type: ignore[list-item]


# --- Several at once --------------------------------------------------------------------------------------------------
def test_deliverers_at_once_send_each_event_once(receiver: Receiver) -> None:
    receiver.delay_s = 0.02
    endpoints = [make_endpoint(url=receiver.url) for _ in range(4)]
    for _ in range(3):
        owe_event(*endpoints)

    counts = results_of(run_in_parallel(deliver, times=4))

    assert sum(endings.get("sent", 0) for endings in counts) == 12
    assert len(receiver.ids) == len(set(receiver.ids)) == 12


def test_claims_at_once_never_take_an_endpoint_twice() -> None:
    endpoint = make_endpoint()
    for _ in range(5):
        owe_event(endpoint)

    claims = results_of(run_in_parallel(lambda: claim_webhook(now=timezone.now()), times=8))

    assert len([claim for claim in claims if claim is not None]) == 1


def test_runs_of_the_clock_that_overlap_send_once(receiver: Receiver) -> None:
    receiver.delay_s = 0.1
    owe_event(make_endpoint(url=receiver.url))

    results_of(run_in_parallel(deliver_due_webhooks, times=3))

    assert len(receiver.ids) == 1


def test_a_slow_endpoint_holds_up_no_other(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_receiver(Receiver(delay_s=1.0)) as slow:
        lame, quick = make_endpoint(url=slow.url), make_endpoint(url=receiver.url)
        for _ in range(3):
            owe_event(lame)
        monkeypatch.setattr(webhook_delivery, "RUN_BUDGET_S", 0.9)
        began = time.monotonic()

        def owe_later() -> dict[str, int]:
            slow.wait_for(1)
            owe_event(quick)
            receiver.wait_for(1)
            return {"came after": int(1000 * (time.monotonic() - began))}

        results = results_of(run_all(owe_later))

    assert results[1]["came after"] < 900
    assert len(slow.ids) == 1


def test_no_row_is_locked_while_a_receiver_thinks(receiver: Receiver) -> None:
    receiver.delay_s = 0.5
    endpoint = make_endpoint(url=receiver.url)
    owe_event(endpoint)

    def disable() -> dict[str, int]:
        receiver.wait_for(1)
        began = time.monotonic()
        WebhookEndpoint.objects.update(disabled_at=timezone.now(), disabled_reason=DisabledReason.BY_TEAM)
        return {"took": int(1000 * (time.monotonic() - began))}

    results = results_of(run_all(disable))

    assert results[0] == {"sent": 1}
    assert results[1]["took"] < 300


# --- A deliverer that dies --------------------------------------------------------------------------------------------
def test_what_was_claimed_and_never_sent_goes_out_when_the_claim_ends(receiver: Receiver, now: datetime) -> None:
    event = owe_event(make_endpoint(url=receiver.url), now=now)
    claim = claim_webhook(now=now)

    assert claim is not None
    assert deliver(now=now + LEASE - timedelta(seconds=1)) == {}
    assert deliver(now=now + LEASE) == {"sent": 1}

    assert receiver.ids == [event.webhook_id]
    assert refreshed(event).attempts == 2


def test_an_answer_that_comes_after_the_claim_has_ended_changes_nothing(receiver: Receiver, now: datetime) -> None:
    receiver.statuses = [500]
    event = owe_event(make_endpoint(url=receiver.url), now=now)
    late = claim_webhook(now=now)
    assert late is not None
    claimed_anew = claim_webhook(now=now + LEASE)
    assert claimed_anew is not None

    ending = webhook_delivery.note_answer(
        claim=late, answer=posting.Answer(status=410), now=now + LEASE, rng=webhook_delivery.Random(1)
    )

    assert ending == "lost"
    assert (refreshed(event).state, event.attempts) == (WebhookState.DUE, 2)
    assert endpoint_of(event).free_at == claimed_anew.until


# --- Again, and for ever once -----------------------------------------------------------------------------------------
def test_owing_an_event_twice_owes_it_once() -> None:
    endpoint = make_endpoint()

    results_of(run_in_parallel(lambda: owe_event(endpoint, key="milestone:1"), times=8))

    assert OutgoingWebhook.objects.count() == 1


def test_an_event_sent_again_keeps_its_id(receiver: Receiver) -> None:
    endpoint = make_endpoint(url=receiver.url)
    event = owe_event(endpoint)
    deliver()

    assert send_webhook_again(endpoint_id=endpoint.pk, webhook_row_id=event.pk, now=timezone.now())
    assert not send_webhook_again(endpoint_id=endpoint.pk, webhook_row_id=event.pk, now=timezone.now())
    assert deliver() == {"sent": 1}

    assert receiver.ids == [event.webhook_id] * 2


def test_a_deliverer_whose_clock_is_behind_sends_what_was_owed_for_at_once(receiver: Receiver, now: datetime) -> None:
    owe_event(make_endpoint(url=receiver.url, now=now), now=now)

    assert deliver(now=now - timedelta(minutes=4)) == {"sent": 1}


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
