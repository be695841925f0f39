"""Signing, retrying and reading what a receiver answers, by the Standard Webhooks specification."""

import base64
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from standardwebhooks.webhooks import Webhook

from outbox.webhook_rules import (
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    RETRY_DELAYS_S,
    Verdict,
    is_spent,
    make_secret,
    retry_after,
    retry_delay,
    signature_of,
    signed_headers,
    verdict_on,
)
from tests.factories import NOW


def test_a_secret_is_32_random_bytes_behind_its_prefix() -> None:
    first, second = make_secret(), make_secret()

    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first != second


def test_the_vector_of_the_specifications_own_libraries_holds() -> None:
    """From the tests of the reference libraries of github.com/standard-webhooks."""
    signature = signature_of(
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("body", ["{}", '{"title":"Côte d’Ivoire 🌸"}', " ", "a.b.c"])
def test_the_reference_library_makes_the_same_signature(body: str) -> None:
    secret = make_secret()
    at = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    ours = signature_of(secret=secret, webhook_id="msg_1", timestamp=int(at.timestamp()), body=body.encode())

    assert ours == Webhook(secret).sign("msg_1", at, body)


def test_each_secret_in_force_signs_once() -> None:
    secrets = [make_secret(), make_secret()]

    headers = signed_headers(secrets_in_force=secrets, webhook_id="msg_1", at=NOW, body=b"{}")

    at = int(NOW.timestamp())
    each = [signature_of(secret=secret, webhook_id="msg_1", timestamp=at, body=b"{}") for secret in secrets]
    assert headers == {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": " ".join(each)}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (301, Verdict.TRY_AGAIN),
        (400, Verdict.TRY_AGAIN),
        (404, Verdict.TRY_AGAIN),
        (410, Verdict.GONE),
        (429, Verdict.THROTTLED),
        (500, Verdict.TRY_AGAIN),
        (502, Verdict.THROTTLED),
        (503, Verdict.THROTTLED),
    ],
)
def test_only_two_hundreds_are_a_success_and_only_410_an_end(status: int, verdict: Verdict) -> None:
    assert verdict_on(status) is verdict


def test_an_event_is_tried_ten_times_over_days() -> None:
    waits = [retry_delay(attempts=n, rng=Random(n)).total_seconds() for n in range(1, MAX_ATTEMPTS)]

    assert MAX_ATTEMPTS == 10
    assert [round(wait / plan) for wait, plan in zip(waits, RETRY_DELAYS_S, strict=True)] == [1] * 9
    assert timedelta(days=2.5) < timedelta(seconds=sum(waits)) < timedelta(days=4)
    assert len({retry_delay(attempts=1, rng=Random(seed)) for seed in range(20)}) == 20


def test_a_test_is_tried_once() -> None:
    assert [is_spent(attempts=n, is_test=False) for n in (1, 9, 10)] == [False, False, True]
    assert is_spent(attempts=1, is_test=True)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("", timedelta()),
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Mar 2020 12:05:00 GMT", timedelta()),
        ("999999999", LONGEST_WAIT),
        ("9" * 200, timedelta()),
        ("-5", timedelta()),
        ("soon\x00", timedelta()),
    ],
)
def test_whatever_stands_in_retry_after_is_read_or_ignored(header: str, wait: timedelta) -> None:
    assert retry_after(header=header, now=NOW) == wait
