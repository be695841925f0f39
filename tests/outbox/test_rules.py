"""When a message is tried again, and when it is not."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.rules import (
    JITTER,
    MAX_ATTEMPTS,
    MAX_RETRY_DELAY_S,
    OUTAGE_DELAY_S,
    Outcome,
    is_spent,
    one_line,
    outage_delay,
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
