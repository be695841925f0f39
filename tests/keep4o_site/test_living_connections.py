"""A connection that died while it rested in the pool is told from a living one, without asking the living."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from keep4o_site.env import read_database
from keep4o_site.postgresql.base import DatabaseWrapper, is_alive

pytestmark = pytest.mark.django_db


@pytest.fixture
def resting() -> Iterator[Any]:
    params = {**connection.get_connection_params(), "autocommit": True}
    with psycopg.connect(**params) as resting:
        yield resting


def test_a_connection_that_rests_is_alive(resting: Any) -> None:
    assert is_alive(resting)


def test_a_connection_that_the_database_has_ended_is_not(resting: Any) -> None:
    with connection.cursor() as cursor:
        # Returns once the backend is gone, so that nothing has to be waited for.
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [resting.info.backend_pid])

    assert not is_alive(resting)


def test_a_connection_that_was_only_told_something_is_alive(resting: Any) -> None:
    resting.execute("LISTEN living_connections")

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('living_connections', 'news')")

    assert is_alive(resting)


@pytest.mark.parametrize(
    ("address", "keeps"), [("", True), ("?prepare_threshold=5", True), ("?prepare_threshold=None", False)]
)
def test_plans_are_kept_unless_a_pooler_forbids_it(address: str, keeps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://someone@elsewhere/site{address}")
    database = DatabaseWrapper({**connection.settings_dict, **read_database("DATABASE_URL")})

    assert database.keeps_plans is keeps
    assert ("plan_cache_mode" in database.get_connection_params().get("options", "")) is keeps
