"""
The real product, started for a test: web server, worker, clock and an own Valkey over an own database.

The database server is the one of the tests. A database is a copy of a template that is migrated, and filled with the
demo, once in a test run; so a site starts in seconds. All processes die with the test process.
"""

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from keep4o_site.stack.application import Application, wait_for_web
from keep4o_site.stack.children import Child, start
from keep4o_site.stack.engines import embedded_valkey
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.places import Places
from keep4o_site.stack.ports import HOST, any_free_port
from keep4o_site.stack.supervision import Family


class LiveSite:
    """A running site. Use `live_site_over()` or a fixture below rather than this class."""

    def __init__(
        self,
        *,
        places: Places,
        database_url: str,
        family: Family,
        web_env: Mapping[str, str] = MappingProxyType({}),
        worker_env: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._family = family
        self._port = any_free_port()
        self._valkey = embedded_valkey(places, throwaway=True)
        self.url = f"http://{HOST}:{self._port}"
        self.env = _environment(places, database_url, self._valkey.url, self.url)
        self.mail_dir = places.mail
        self._application = Application(places=places, env=self.env)
        self._worker_application = Application(places=places, env={**self.env, **worker_env})
        self.start_valkey()
        self.start_worker()
        web = Application(places=places, env={**self.env, **web_env})
        self._web = family.adopt(start(web.web(self._port)))
        wait_for_web(self._web, self._port)

    def manage(self, *arguments: str) -> str:
        """This function will run a command of manage.py against this site and return what it printed."""
        return self._application.manage(*arguments, log_name="manage")

    def start_valkey(self) -> None:
        self._valkey_child = self._family.adopt(self._valkey.start())

    def stop_valkey(self) -> None:
        """This function will stop Valkey; what it held is lost, as its file would be with its disk."""
        self._stop(self._valkey_child)

    def start_worker(self) -> None:
        self._worker = self._family.adopt(start(self._worker_application.worker()))

    def kill_worker(self) -> None:
        """This function will kill the worker, its pool and its clock in the middle of whatever they do."""
        self._worker.kill()
        self._family.disown(self._worker)

    def worker_log(self) -> str:
        return self._worker.program.log.read_text(errors="replace")

    def web_log(self) -> str:
        return self._web.program.log.read_text(errors="replace")

    def close(self) -> None:
        """This function will end all processes; at once, for their data are thrown away."""
        self._family.kill()
        self._family.stop()

    def _stop(self, child: Child) -> None:
        child.stop()
        self._family.disown(child)


@contextlib.contextmanager
def live_site_over(*, template: str, var: Path | None = None, **options: Any) -> Iterator[LiveSite]:
    """
    This function will run a site over a copy of the template database, and leave nothing of it behind.

    Args: var: an empty folder for its data, a temporary one by default.
          options: web_env and worker_env of LiveSite, over what both processes share.
    """
    database = f"keep4o_live_{uuid.uuid4().hex[:12]}"
    with _temporary_places(var) as places, Family() as family:
        _execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        try:
            yield LiveSite(places=places, database_url=_url_of(database), family=family, **options)
        finally:
            family.kill()
            _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


@functools.cache
def migrated_template() -> str:
    """This function will return the name of a migrated, empty database, made once in a test run."""
    return _make_template(copied_from="template1", commands=["migrate"])


@functools.cache
def demo_template() -> str:
    """This function will return the name of a database with the demo, made once in a test run."""
    return _make_template(copied_from=migrated_template(), commands=["load_demo"])


# --- Fixtures: imported by tests/conftest.py, so that every test finds the same ---------------------------------------
@pytest.fixture(scope="session")
def live_demo_site() -> Iterator[LiveSite]:
    """The demo site for all tests that look and leave it as it is."""
    with live_site_over(template=demo_template()) as site:
        yield site


@pytest.fixture
def fresh_demo_site() -> Iterator[LiveSite]:
    """A demo site of one test's own, which it may change and break."""
    with live_site_over(template=demo_template()) as site:
        yield site


def _make_template(*, copied_from: str, commands: list[str]) -> str:
    name = f"keep4o_template_{uuid.uuid4().hex[:12]}"
    _execute("CREATE DATABASE {} TEMPLATE {}", name, copied_from)
    atexit.register(_execute, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    with _temporary_places() as places:
        # No Valkey: neither migrating nor loading may need one.
        env = _environment(places, _url_of(name), "unix:///nowhere/valkey.sock", f"http://{HOST}")
        for command in commands:
            Application(places=places, env=env).manage(command, log_name=command)
    return name


def _environment(places: Places, database_url: str, redis_url: str, site_url: str) -> dict[str, str]:
    env = site_environment(places=places, database_url=database_url, redis_url=redis_url, site_url=site_url)
    env.pop("DATABASE_POOL_SIZE", None)  # the tests' own process does without a pool, the product does not
    return env


@contextlib.contextmanager
def _temporary_places(var: Path | None = None) -> Iterator[Places]:
    places = Places(var=var or Path(tempfile.mkdtemp(prefix="keep4o-live-")))
    places.make()
    try:
        yield places
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(_url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
