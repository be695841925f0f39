from typing import Any

import pytest

from bench.way import Answered, Stretch, Watch


def _answered(kind: str, at: float, *, took_s: float = 0.01, status: int | None = None) -> Answered:
    right = 200 if kind == "look" else 303
    return Answered(kind=kind, intended=at - took_s, done=at, status=status or right, link="-")


def _stretch(*, answers: list[Answered], watch: Watch | None = None, **changes: Any) -> Stretch:
    """A stretch of ten seconds from the instant 100 on, in which nothing went wrong unless it is said."""
    proved = sum(1 for answer in answers if answer.kind == "prove" and answer.status == 303)
    facts = {"base": 50, "proved_rows": proved, "unknown_links": 0, "published": 50 + proved, **changes}
    return Stretch(rate=1.0, began=100.0, seconds=10.0, answers=answers, watch=watch or Watch(), **facts)


def test_a_signature_that_is_proved_and_counted_is_not_lost() -> None:
    assert _stretch(answers=[_answered("sign", 101), _answered("prove", 103)]).lost == 0


@pytest.mark.parametrize(
    "changes", [{"published": 50}, {"published": 52}, {"proved_rows": 0, "published": 50}, {"unknown_links": 1}]
)
def test_an_acknowledged_proof_that_is_not_counted_exactly_once_is_lost(changes: dict[str, int]) -> None:
    assert _stretch(answers=[_answered("sign", 101), _answered("prove", 103)], **changes).lost > 0


def test_a_signing_that_leads_to_no_proof_is_lost() -> None:
    assert _stretch(answers=[_answered("sign", 101), _answered("sign", 102), _answered("prove", 103)]).lost == 1


def test_the_count_lags_by_the_age_of_the_oldest_proof_that_it_lacks() -> None:
    proofs = [_answered("prove", 101.0), _answered("prove", 102.0), _answered("prove", 104.0)]

    watch = Watch(counts=[(101.5, 50), (102.5, 51), (103.5, 52), (104.1, 53)])

    assert _stretch(answers=proofs, watch=watch).lag_s == 0.5


def test_answers_are_timed_from_when_they_were_meant_to_be_sent() -> None:
    stretch = _stretch(answers=[_answered("look", 101, took_s=0.25), _answered("look", 102, took_s=0.05)])

    assert stretch.percentile_ms("look", 99) == pytest.approx(250)


def test_a_wrong_answer_is_counted_and_timed_nowhere() -> None:
    stretch = _stretch(answers=[_answered("prove", 101, status=503), _answered("idle", 102, status=200)])

    assert (stretch.wrong, stretch.of("prove")) == (1, [])


def test_a_queue_grows_if_more_waits_in_the_last_third() -> None:
    steady = Watch(queue=[(104.0, 30), (108.0, 30)])
    growing = Watch(queue=[(104.0, 30), (108.0, 60)])

    assert not _stretch(answers=[], watch=steady).queue_grows
    assert _stretch(answers=[], watch=growing).queue_grows


def test_what_has_piled_up_is_not_finished_in_time() -> None:
    assert _stretch(answers=[_answered("prove", 114.9)]).is_finished_in_time
    assert not _stretch(answers=[_answered("prove", 115.1)]).is_finished_in_time
    assert not _stretch(answers=[]).is_finished_in_time
