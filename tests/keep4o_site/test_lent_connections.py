"""A connection of the pool stays with its thread from one request to the next, and never for longer than is good."""

import gc
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from psycopg_pool import PoolTimeout

from keep4o_site.postgresql import lending
from keep4o_site.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
_ONE = {"min_size": 1, "max_size": 1, "timeout": 0.2}


def wrapper() -> Any:
    """This function will make what each thread has: its own way to the one connection of a pool."""
    options = {**connection.settings_dict["OPTIONS"], "pool": _ONE}
    made = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}, alias="lent")
    connections["lent"] = made  # of this thread
    return made


@pytest.fixture
def database() -> Iterator[Any]:
    database = wrapper()
    yield database
    database.close()
    database.close_pool()
    del connections["lent"]


def end_request(database: Any) -> None:
    database.close_if_unusable_or_obsolete()


def backend(database: Any) -> int:
    """This function will use the connection as cursors do, and say which process of the database answered."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    return int(database.connection.execute("SELECT pg_backend_pid()").fetchone()[0])


def is_free_for_others() -> bool:
    """This function will tell whether another thread gets the connection; it gives it back."""
    seen: list[bool] = []

    def ask() -> None:
        other = wrapper()
        try:
            other.ensure_connection()
            seen.append(True)
        except (OperationalError, psycopg.OperationalError, PoolTimeout):
            seen.append(False)
        finally:
            other.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return seen[0]


def test_a_connection_stays_with_its_thread_after_a_request(database: Any) -> None:
    before = backend(database)
    held = database.connection
    end_request(database)

    assert database.connection is held
    assert not is_free_for_others()
    assert backend(database) == before


def test_a_thread_that_ends_gives_its_connection_back(database: Any) -> None:
    def live() -> None:
        mine = wrapper()
        backend(mine)
        end_request(mine)

    thread = threading.Thread(target=live)
    thread.start()
    thread.join()

    assert is_free_for_others()


def test_a_connection_that_died_while_it_rested_is_replaced(database: Any) -> None:
    dead = backend(database)
    end_request(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [dead])

    assert backend(database) != dead


def test_a_connection_goes_back_when_its_time_is_over(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "LENT_AT_MOST_S", 0.0)
    backend(database)
    end_request(database)

    assert database.connection is None
    assert is_free_for_others()


def test_a_transaction_that_was_left_open_does_not_stay(database: Any) -> None:
    database.ensure_connection()
    database.connection.autocommit = False
    backend(database)
    end_request(database)

    assert database.connection is None
    assert is_free_for_others()


def test_a_connection_that_failed_is_looked_at_before_it_goes_on(database: Any) -> None:
    backend(database)
    database.connection.close()
    database.errors_occurred = True
    end_request(database)

    assert backend(database)


def test_whoever_closes_a_connection_gives_it_back_once(database: Any) -> None:
    backend(database)
    database.close()
    gc.collect()

    assert is_free_for_others()
    assert is_free_for_others()
