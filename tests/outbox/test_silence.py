"""A database that says nothing is given up within its bound; one that works on long work is not."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from keep4o_site.postgresql.base import DatabaseWrapper
from outbox import silence
from outbox.flights import Line, Statement
from outbox.silence import BoundedConnection, Patience, SilentDatabaseError, let_work_be_long
from tests.faults.silent_proxy import SilentProxy

pytestmark = pytest.mark.django_db
BEARABLE_S = 0.4
SAY = Statement("SELECT %(words)s::text")


@pytest.fixture
def proxy() -> Iterator[SilentProxy]:
    if connection.settings_dict["HOST"].startswith("/"):
        server = Path(connection.settings_dict["HOST"]) / f".s.PGSQL.{connection.settings_dict['PORT'] or 5432}"
    else:
        pytest.skip("the proxy stands before a socket file")
    proxy = SilentProxy(server=server)
    with proxy.running():
        yield proxy


@pytest.fixture
def database(proxy: SilentProxy) -> DatabaseWrapper:
    """What a web server has of a database behind the proxy."""
    away = {"HOST": "127.0.0.1", "PORT": str(proxy.port), "PATIENCE_S": BEARABLE_S}
    options = {**connection.settings_dict["OPTIONS"], "connect_timeout": 2}
    return DatabaseWrapper({**connection.settings_dict, **away, "OPTIONS": options}, alias=f"behind {proxy.port}")


@pytest.fixture
def bounded(database: DatabaseWrapper) -> Iterator[BoundedConnection]:
    params = {**database.get_connection_params(), "autocommit": True}
    with BoundedConnection.connect(**params) as bounded:
        bounded.patience = database.patience
        bounded.execute("")
        yield bounded
        bounded.close()


@pytest.fixture(autouse=True)
def visitors() -> Iterator[None]:
    """Who asks here is a visitor, whatever page a test before has asked for."""
    let_work_be_long(is_long=False)
    yield
    let_work_be_long(is_long=False)


def seconds(began: float) -> float:
    return time.monotonic() - began


def test_whoever_asks_a_silent_database_is_told_within_its_bound(
    proxy: SilentProxy, bounded: BoundedConnection
) -> None:
    began = time.monotonic()
    with proxy.silenced(), pytest.raises(SilentDatabaseError):
        bounded.execute("SELECT 1")

    assert BEARABLE_S <= seconds(began) < 2 * BEARABLE_S
    assert bounded.closed


def test_a_flight_is_told_as_well(proxy: SilentProxy, bounded: BoundedConnection) -> None:
    line = Line(bounded, keeps_plans=True)
    assert line.run([(SAY, {"words": "here"})], commits=False) == [("here",)]

    began = time.monotonic()
    with proxy.silenced(), pytest.raises(SilentDatabaseError):
        line.run([(SAY, {"words": "gone"})], commits=False)

    assert BEARABLE_S <= seconds(began) < 2 * BEARABLE_S
    assert bounded.closed


def test_the_next_one_waits_less_until_something_is_heard(
    proxy: SilentProxy, bounded: BoundedConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "ONCE_SILENT_S", 0.1)
    others = [BoundedConnection.connect(**_params_of(bounded)) for _ in range(2)]
    for other in others:
        other.patience = bounded.patience
    with proxy.silenced():
        with pytest.raises(SilentDatabaseError):
            bounded.execute("SELECT 1")
        began = time.monotonic()
        with pytest.raises(SilentDatabaseError):
            others[0].execute("SELECT 1")

    assert seconds(began) < BEARABLE_S
    others[1].execute("SELECT 1")
    assert others[1].execute("SELECT pg_sleep(0.2)").fetchone()
    others[1].close()


def test_work_that_may_be_long_is_waited_for_while_the_database_does_it(bounded: BoundedConnection) -> None:
    let_work_be_long(is_long=True)

    (said,) = bounded.execute("SELECT 'done' FROM pg_sleep(3 * 0.4)").fetchone() or ("",)

    assert said == "done"


def test_a_visitor_does_not_wait_for_it(bounded: BoundedConnection) -> None:
    with pytest.raises(SilentDatabaseError):
        bounded.execute("SELECT pg_sleep(3 * 0.4)")


def test_long_work_is_given_up_where_the_database_does_not_do_it(
    proxy: SilentProxy, bounded: BoundedConnection
) -> None:
    let_work_be_long(is_long=True)

    began = time.monotonic()
    with proxy.silenced(), pytest.raises(SilentDatabaseError):
        bounded.execute("SELECT 1")

    assert seconds(began) < 4


def test_whoever_gave_up_keeps_nothing_waiting_in_the_database(
    bounded: BoundedConnection, transactional_db: None
) -> None:
    pid = bounded.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(77)")
        with pytest.raises(SilentDatabaseError):
            bounded.execute("SELECT pg_advisory_lock(77)")
        deadline = time.monotonic() + 5
        while _is_there(cursor, pid):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        cursor.execute("SELECT pg_advisory_unlock(77)")


def test_without_a_bound_a_silence_is_waited_out(proxy: SilentProxy, bounded: BoundedConnection) -> None:
    bounded.patience = Patience()

    assert bounded.execute("SELECT pg_sleep(1)").fetchone()


def _params_of(bounded: BoundedConnection) -> dict[str, Any]:
    return {**psycopg.conninfo.conninfo_to_dict(bounded.info.dsn), "autocommit": True}


def _is_there(cursor: Any, pid: int) -> bool:
    cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [pid])
    return bool(cursor.fetchone()[0])
