"""Deliverers beside each other, beside a team that changes its mind, and after the death of one: each event once."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from outbox import posting, webhook_delivery
from outbox.tasks import deliver_due_webhooks
from outbox.webhook_delivery import claim_webhook
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState
from outbox.webhook_queue import send_webhook_again
from outbox.webhook_rules import LEASE
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


def run_all(other: Callable[[], dict[str, int]]) -> list[dict[str, int] | Exception]:
    return run_all_in_parallel([deliver, other])


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
