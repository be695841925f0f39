"""When a message is tried again, and when it is not."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.rules import (
    JITTER,
    LONGEST_OUTAGE_DELAY,
    MAX_ATTEMPTS,
    MAX_RETRY_DELAY_S,
    OUTAGE_DELAY_S,
    Bounce,
    Outcome,
    ends_talk_with_provider,
    is_spent,
    meaning_of_bounce,
    one_line,
    outage_delay,
    outcome_of_http_status,
    outcome_of_smtp_code,
    retry_delay,
)


@given(attempts=st.integers(1, 1_000), seed=st.integers())
def test_no_delay_is_under_seven_seconds_or_over_six_hours_and_its_jitter(attempts: int, seed: int) -> None:
    delay = retry_delay(attempts=attempts, rng=Random(seed))

    assert timedelta(seconds=10 * (1 - JITTER)) <= delay <= timedelta(seconds=MAX_RETRY_DELAY_S * (1 + JITTER))


@given(seed=st.integers())
def test_delays_grow_until_they_reach_the_longest(seed: int) -> None:
    delays = [retry_delay(attempts=attempts, rng=Random(seed)) for attempts in range(1, MAX_ATTEMPTS)]

    assert delays == sorted(delays)
    assert timedelta(hours=18) < sum(delays, timedelta()) < timedelta(hours=36)


def test_messages_that_failed_together_come_back_apart() -> None:
    rng = Random(1)

    assert len({retry_delay(attempts=3, rng=rng) for _ in range(50)}) == 50


@given(seed=st.integers())
def test_an_outage_is_waited_for_in_short_steps(seed: int) -> None:
    assert outage_delay(rng=Random(seed)) <= timedelta(seconds=OUTAGE_DELAY_S * (1 + JITTER))


@pytest.mark.parametrize("code", [421, 450, 451, 452, 454, -1, 0])
def test_a_temporary_answer_is_tried_again(code: int) -> None:
    assert outcome_of_smtp_code(code) is Outcome.TRANSIENT


@pytest.mark.parametrize("code", [500, 550, 552, 554, 599])
def test_a_final_answer_is_not(code: int) -> None:
    assert outcome_of_smtp_code(code) is Outcome.PERMANENT


def test_twelve_attempts_are_enough() -> None:
    assert not is_spent(attempts=11)
    assert is_spent(attempts=12)


@given(text=st.text())
def test_a_subject_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(seed=st.integers())
def test_no_outage_delay_is_longer_than_bulk_mail_waits_for(seed: int) -> None:
    assert outage_delay(rng=Random(seed)) <= LONGEST_OUTAGE_DELAY


@pytest.mark.parametrize(
    ("status", "outcome", "ends"),
    [
        (400, Outcome.TRANSIENT, False),
        (401, Outcome.OUTAGE, True),
        (403, Outcome.OUTAGE, True),
        (404, Outcome.OUTAGE, True),
        (413, Outcome.PERMANENT, False),
        (422, Outcome.TRANSIENT, False),
        (429, Outcome.OUTAGE, True),
        (500, Outcome.TRANSIENT, True),
        (503, Outcome.TRANSIENT, True),
        (None, Outcome.TRANSIENT, True),
    ],
)
def test_an_answer_of_a_provider_means_the_message_or_the_site(
    status: int | None, outcome: Outcome, ends: bool
) -> None:
    assert (outcome_of_http_status(status), ends_talk_with_provider(status)) == (outcome, ends)


@pytest.mark.parametrize(
    ("words", "answer", "meaning"),
    [
        ("HardBounce", "", Bounce.MAILBOX_GONE),
        ("HardBounce", "smtp;550 5.1.1 unknown user", Bounce.MAILBOX_GONE),
        ("failed", "550 user unknown", Bounce.MAILBOX_GONE),
        ("failed", "5.1.10 null MX", Bounce.MAILBOX_GONE),
        ("failed", "550 5.4.1 Recipient address rejected: Access denied", Bounce.MAILBOX_GONE),
        ("failed", "550 5.2.1 mailbox disabled", Bounce.MAILBOX_GONE),
        ("SoftBounce", "550 5.1.1 unknown user", Bounce.PASSING),
        ("soft_bounce", "", Bounce.PASSING),
        ("failed", "552 5.2.2 over quota", Bounce.PASSING),
        ("failed", "550 5.7.1 blocked", Bounce.PASSING),
        ("failed", "550 5.1.8 bad sender", Bounce.PASSING),
        ("failed", "552 5.3.4 too big", Bounce.PASSING),
        ("failed", "451 4.7.1 greylisted", Bounce.PASSING),
        ("failed", "smtp; 421 try later", Bounce.PASSING),
    ],
)
def test_only_a_mailbox_that_is_gone_ends_writing(words: str, answer: str, meaning: Bounce) -> None:
    assert meaning_of_bounce(words=words, answer=answer) is meaning


@given(words=st.text(), answer=st.text())
def test_whatever_a_bounce_says_is_read(words: str, answer: str) -> None:
    assert meaning_of_bounce(words=words, answer=answer) in Bounce
