"""Engines and folders that live as long as one command: for tests, checks and screenshots."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.engines import start_engines
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.locks import SiteLock, site_lock
from keep4o_site.stack.places import Places
from keep4o_site.stack.ports import DEFAULT_PORT, HOST
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Trouble

_PREFIX = "keep4o-throwaway-"


@dataclass(frozen=True)
class Throwaway:
    """Running engines without durability, in a folder that is deleted at the end."""

    places: Places
    family: Family
    env: dict[str, str]


@contextlib.contextmanager
def throwaway_engines() -> Iterator[Throwaway]:
    """This function will start both engines in a temporary folder, and stop and delete them at the end."""
    _delete_leftovers()
    places = Places(var=Path(tempfile.mkdtemp(prefix=_PREFIX)))
    places.make()
    with (
        _deleted(places),
        site_lock(places, command="run test") as lock,
        Family(kept_descriptors=lock.inherited) as family,
    ):
        with terminal.step("PostgreSQL and Valkey"):
            env = _start(family, places, lock)
        yield Throwaway(places=places, family=family, env=env)


def _start(family: Family, places: Places, lock: SiteLock) -> dict[str, str]:
    engines = start_engines(family=family, places=places, throwaway=True, kept_descriptors=lock.inherited)
    url = f"http://{HOST}:{DEFAULT_PORT}"
    return site_environment(places=places, database_url=engines.database_url, redis_url=engines.redis_url, site_url=url)


@contextlib.contextmanager
def _deleted(places: Places) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def _delete_leftovers() -> None:
    # A killed launcher cannot tidy up; the next one does, once the lock shows that nobody is in there.
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(Trouble, OSError), site_lock(Places(var=folder), command="run test"):
            shutil.rmtree(folder, ignore_errors=True)
