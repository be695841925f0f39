"""How hard work is, when it is asked for, and which mail domains are thrown away. No database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.rules.mail_domains import BIG_MAIL_DOMAINS, is_disposable
from petitions.rules.work import MAX_LEVEL, has_done_enough, tries_at, work_level

CALM = 120


@pytest.mark.parametrize(
    ("per_minute", "level"),
    [(0, 0), (120, 0), (121, 1), (239, 1), (240, 2), (480, 3), (960, 4), (1_920, 5), (3_840, 6)],
)
def test_work_rises_by_one_each_time_the_rate_doubles(per_minute: float, level: int) -> None:
    assert work_level(per_minute=per_minute, calm_rate=CALM, floor=0) == level


@given(st.floats(min_value=0, max_value=1e9), st.integers(0, MAX_LEVEL))
def test_work_is_never_less_than_staff_ask_for_nor_more_than_a_phone_can_do(per_minute: float, floor: int) -> None:
    assert floor <= work_level(per_minute=per_minute, calm_rate=CALM, floor=floor) <= MAX_LEVEL


@given(st.floats(min_value=0, max_value=CALM))
def test_in_calm_nobody_works(per_minute: float) -> None:
    assert work_level(per_minute=per_minute, calm_rate=CALM, floor=0) == 0


@given(st.floats(min_value=0, max_value=1e6), st.floats(min_value=0, max_value=1e6))
def test_more_attempts_never_make_it_easier(one: float, other: float) -> None:
    fewer, more = sorted((one, other))

    assert work_level(per_minute=fewer, calm_rate=CALM, floor=0) <= work_level(per_minute=more, calm_rate=CALM, floor=0)


def test_each_level_is_twice_as_hard_and_nobody_waits_twice_as_long_as_the_next_one() -> None:
    bounds = [tries_at(level) for level in range(1, MAX_LEVEL + 1)]

    assert all(most <= 2 * least for least, most in bounds)
    assert [most for _least, most in bounds] == [100, 200, 400, 800, 1_600, 3_200]


@pytest.mark.parametrize(
    ("asked", "has_proof", "is_excused", "enough"),
    [
        (0, False, False, True),
        (1, False, False, False),
        (1, True, False, True),
        (6, True, False, True),
        (6, False, True, True),
    ],
)
def test_who_did_what_was_asked_has_done_enough(asked: int, has_proof: bool, is_excused: bool, enough: bool) -> None:
    assert has_done_enough(asked=asked, has_proof=has_proof, is_excused=is_excused) is enough


@pytest.mark.parametrize("domain", ["mailinator.com", "x.mailinator.com", "a.b.mailinator.com", "yopmail.com"])
def test_throw_away_domains_are_known_with_all_below_them(domain: str) -> None:
    assert is_disposable(domain)


@pytest.mark.parametrize(
    "domain", ["example.org", "com", "", "example-mailinator.com", "mailinator.com.example.org", "."]
)
def test_other_domains_are_kept(domain: str) -> None:
    assert not is_disposable(domain)


def test_no_great_provider_is_thrown_away() -> None:
    assert not [domain for domain in BIG_MAIL_DOMAINS if is_disposable(domain)]
    assert {"gmail.com", "orange.fr", "mozmail.com"} <= BIG_MAIL_DOMAINS
    assert all(domain == domain.lower().strip(".") and domain.isascii() for domain in BIG_MAIL_DOMAINS)
