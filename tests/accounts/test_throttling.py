"""Counting in Valkey: every attempt once, within its window, and without Valkey not at all."""

import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings
from redis import Redis

from accounts.throttling import Counted, Counter, Once, begin_to_count, recent_count
from accounts.valkey import AnyPool
from accounts.valkey_questions import ANSWER_TIMEOUT_S
from tests.faults.silent_proxy import SilentProxy

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNTER = Counter(name="door", length=MINUTE)


def count_up(*, counters: list[Counter], once: Once | None = None) -> Counted:
    return begin_to_count(counters=counters, now=NOW, once=once)()


def count(*, at: datetime = NOW, counter: Counter = COUNTER) -> float:
    return begin_to_count(counters=[counter], now=at)().recent[0]


def test_each_one_is_counted() -> None:
    assert [count() for _ in range(3)] == [1, 2, 3]


def test_looking_counts_nothing() -> None:
    count()

    assert [recent_count(counter=COUNTER, now=NOW) for _ in range(2)] == [1, 1]


def test_counters_do_not_mix() -> None:
    other = Counter(name="door", length=timedelta(minutes=2))
    count()

    assert count(counter=other) == 1
    assert count(counter=Counter(name="window", length=MINUTE)) == 1


def test_what_was_counted_fades_as_its_window_passes() -> None:
    for _ in range(10):
        count(at=NOW + timedelta(seconds=50))

    def seen(seconds: int) -> float:
        return recent_count(counter=COUNTER, now=NOW + timedelta(seconds=seconds))

    assert [seen(59), seen(60), seen(75), seen(90), seen(119)] == [10, 10, 7.5, 5, pytest.approx(10 / 60)]
    assert seen(120) == 0


def test_the_limit_cannot_be_doubled_around_the_end_of_a_window() -> None:
    for _ in range(10):
        count(at=NOW + timedelta(seconds=59))

    assert count(at=NOW + timedelta(seconds=61)) > 10


def test_what_may_happen_once_happens_once() -> None:
    once = Once(name="work", lifetime=MINUTE)

    assert [count_up(counters=[COUNTER], once=once).is_first for _ in range(3)] == [True, False, False]


def test_nothing_is_kept_for_ever(settings: Settings) -> None:
    count_up(counters=[COUNTER], once=Once(name="work", lifetime=MINUTE))

    cache = settings.CACHES["default"]
    client = Redis(connection_pool=AnyPool.from_url(cache["LOCATION"]))
    keys = list(client.scan_iter(match=f"{cache['KEY_PREFIX']}*"))
    assert len(keys) == 2
    assert all(0 < client.ttl(key) <= 120 for key in keys)


def test_a_hundred_at_once_are_a_hundred() -> None:
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: count(), range(100)))

    assert sorted(seen) == list(range(1, 101))


def test_something_else_may_be_done_until_the_answer_is_there() -> None:
    counting = begin_to_count(counters=[COUNTER], now=NOW)
    time.sleep(0.05)

    assert counting().recent == (1,)


def test_an_answer_that_nobody_came_for_is_not_taken_for_the_next_one() -> None:
    begin_to_count(counters=[COUNTER] * 3, now=NOW)  # and then its asker failed
    begin_to_count(counters=[COUNTER], now=NOW)

    assert count(counter=Counter(name="window", length=MINUTE)) == 1
    assert recent_count(counter=COUNTER, now=NOW) == 4


# --- Without Valkey ---------------------------------------------------------------------------------------------------
def ask_at(settings: Settings, location: str) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}


def test_a_connection_that_was_lost_is_made_anew(settings: Settings) -> None:
    location = settings.CACHES["default"]["LOCATION"]
    ask_at(settings, f"{location}{'&' if '?' in location else '?'}client_name=soon-lost")
    count()
    client = Redis(connection_pool=AnyPool.from_url(location))
    ours = [each["id"] for each in client.client_list() if each["name"] == "soon-lost"]
    for number in ours:
        client.client_kill_filter(_id=number)

    assert ours
    assert count() == 2


def test_a_connection_that_is_lost_before_its_answer_is_read_is_asked_once_more(settings: Settings) -> None:
    location = settings.CACHES["default"]["LOCATION"]
    ask_at(settings, f"{location}{'&' if '?' in location else '?'}client_name=lost-at-once")
    counting = begin_to_count(counters=[COUNTER], now=NOW)
    client = Redis(connection_pool=AnyPool.from_url(location))
    for each in client.client_list():
        if each["name"] == "lost-at-once":
            client.client_kill_filter(_id=each["id"])

    assert counting().recent[0] >= 1


def test_without_valkey_nobody_is_throttled(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ask_at(settings, f"unix://{tmp_path}/nobody.sock?db=0")

    with caplog.at_level(logging.WARNING):
        counted = count_up(counters=[COUNTER] * 3, once=Once(name="work", lifetime=MINUTE))
        count_up(counters=[COUNTER])

    assert counted.recent == (0, 0, 0)
    assert counted.is_first
    assert recent_count(counter=COUNTER, now=NOW) == 0
    assert caplog.text.count("counters_unreachable") == 1  # then it is left alone for a moment


@pytest.fixture
def valkey_that_hangs(tmp_path: Path) -> Iterator[str]:
    """Something that takes connections and never answers."""
    path = tmp_path / "hangs.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(8)
        yield f"unix://{path}?db=0"


def test_a_valkey_that_hangs_costs_one_visitor_a_second_at_most(settings: Settings, valkey_that_hangs: str) -> None:
    ask_at(settings, valkey_that_hangs)

    started = time.monotonic()
    count()
    first = time.monotonic() - started
    for _ in range(20):
        count()

    assert first < 1
    assert time.monotonic() - started - first < 0.1


@pytest.fixture
def proxy(settings: Settings) -> Iterator[SilentProxy]:
    location = urlsplit(settings.CACHES["default"]["LOCATION"])
    if location.scheme != "unix":
        pytest.skip("the proxy stands before a socket file")
    proxy = SilentProxy(server=Path(location.path))
    with proxy.running():
        ask_at(settings, f"redis://127.0.0.1:{proxy.port}/?{location.query}")
        yield proxy


def test_a_valkey_that_falls_silent_on_a_living_connection_is_given_up_as_soon(
    proxy: SilentProxy, caplog: pytest.LogCaptureFixture
) -> None:
    assert count() == 1

    with proxy.silenced(), caplog.at_level(logging.WARNING):
        counting = begin_to_count(counters=[COUNTER], now=NOW)
        started = time.monotonic()
        assert counting().recent == (0,)
        first = time.monotonic() - started
        for _ in range(20):
            count()

    assert ANSWER_TIMEOUT_S < first < 2  # and once more on a new connection
    assert time.monotonic() - started - first < 0.1
    assert caplog.text.count("counters_unreachable") == 1
