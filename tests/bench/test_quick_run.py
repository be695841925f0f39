"""Keeps the bench alive: its quick form over a copy of the tests' database, a row without and rows with a load."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.wrk import find_wrk
from tests.live_site import migrated_template


@pytest.fixture
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What ./run bench gives the bench, over engines that are there already."""
    places = Places(var=tmp_path_factory.mktemp("bench"))
    places.make()
    name = f"keep4o_bench_{uuid.uuid4().hex[:12]}"
    _on_server("CREATE DATABASE {} TEMPLATE {}", name, migrated_template())
    env = site_environment(
        places=places, database_url=_url_of(name), redis_url=os.environ["REDIS_URL"], site_url="http://127.0.0.1"
    )
    env.pop("DATABASE_POOL_SIZE", None)
    try:
        yield {**env, "WRK": str(find_wrk() or "")}
    finally:
        _on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@pytest.mark.slow
def test_a_quick_run_measures_a_row_and_leaves_nothing_behind(env: dict[str, str]) -> None:
    document = (ROOT / "docs" / "benchmarks.md").read_bytes()

    said = _bench(env, "fold")

    assert "entries/s" in said
    assert "measures nothing" in said
    assert (ROOT / "docs" / "benchmarks.md").read_bytes() == document
    assert _copies_of(env["DATABASE_URL"]) == 0


@pytest.mark.slow
@pytest.mark.skipif(find_wrk() is None, reason="wrk is not installed here; ./run bench installs it")
def test_signing_and_the_count_are_loaded_and_compared(env: dict[str, str]) -> None:
    said = _bench(env, "accept", "count")

    assert "signatures/s" in said
    assert "answers/s" in said


def _bench(env: dict[str, str], *rows: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "bench", *rows, "--quick"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _copies_of(url: str) -> int:
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(_url_of("postgres")) as server:
        row = server.execute("SELECT count(*) FROM pg_database WHERE datname LIKE %s", [f"{name}_%"]).fetchone()
    return int(row[0]) if row else 0


def _on_server(statement: str, *names: str) -> None:
    with psycopg.connect(_url_of("postgres"), autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
