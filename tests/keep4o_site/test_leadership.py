"""Of several clocks one leads, by a lock of its session in PostgreSQL; the lock goes with the session, whatever ends it."""

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client

from keep4o_site.leadership import Leadership, clock_name, clocks

pytestmark = pytest.mark.django_db
SILENCE_S = 0.3  # ten times quicker than the site's own, so that the tests are
END_THE_LEADER = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"


@pytest.fixture
def candidates() -> Iterator[list[Leadership]]:
    candidates = [Leadership(silence_s=SILENCE_S, proof_s=SILENCE_S / 3) for _ in range(4)]
    yield candidates
    for candidate in candidates:
        candidate.close()


def eventually(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_of_many_leads_and_goes_on_leading(candidates: list[Leadership]) -> None:
    rounds = [[candidate.is_held() for candidate in candidates] for _ in range(5)]

    assert rounds == [[True, False, False, False]] * 5


def test_whoever_stops_in_order_hands_over_at_once(candidates: list[Leadership]) -> None:
    first, second, *_others = candidates
    assert first.is_held()
    assert not second.is_held()

    first.close()

    eventually(second.is_held)


def test_a_leader_that_says_nothing_is_deposed_and_knows_it_when_it_wakes(candidates: list[Leadership]) -> None:
    first, second, *_others = candidates
    assert first.is_held()

    stopped_at = time.monotonic()
    eventually(second.is_held)

    assert time.monotonic() - stopped_at >= SILENCE_S * 0.9
    assert not first.is_held()
    assert second.is_held()


def test_a_leader_whose_session_was_ended_stops_within_its_proof(candidates: list[Leadership]) -> None:
    first, second, *_others = candidates
    assert first.is_held()
    with psycopg.connect(**_parameters(), autocommit=True) as database:
        database.execute(END_THE_LEADER, [clock_name()])
    time.sleep(SILENCE_S / 3)  # the proof that it has: as long may it go on

    assert [second.is_held(), first.is_held()] == [True, False]


def test_a_leader_that_resigns_stands_back_for_the_others(candidates: list[Leadership]) -> None:
    first, second, *_others = candidates
    assert first.is_held()

    first.resign()

    assert not first.is_held()
    eventually(second.is_held)
    assert not first.is_held()


def test_nobody_leads_while_the_database_is_away_and_nobody_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    assert not Leadership().is_held()


@pytest.mark.django_db(transaction=True)  # within one, PostgreSQL shows the sessions as they were at its beginning
def test_the_metrics_name_the_clocks_and_which_one_leads(client: Client) -> None:
    nobody = client.get("/metrics").text
    leader = Leadership()
    assert leader.is_held()

    led, running = client.get("/metrics").text, clocks()
    leader.close()

    assert "keep4o_clock_leaders 0.0" in nobody
    assert "keep4o_clock_leaders 1.0" in led
    name = clock_name().removeprefix("keep4o clock ")
    assert f'keep4o_clock_leads{{clock="{name}"}} 1.0' in led
    assert running == {name: True}


def _parameters() -> dict[str, object]:
    parameters: dict[str, object] = connection.get_connection_params()
    return parameters
