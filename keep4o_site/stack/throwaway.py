"""Engines and folders that live as long as one command: for tests, checks, screenshots and measurements."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.engines import start_engines
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.locks import SiteLock, site_lock
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.ports import DEFAULT_PORT, HOST
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Trouble

_PREFIX = "keep4o-throwaway-"


@dataclass(frozen=True)
class Throwaway:
    """Running engines in a folder that is deleted at the end."""

    places: Places
    family: Family
    env: dict[str, str]


@contextlib.contextmanager
def throwaway_engines() -> Iterator[Throwaway]:
    """This function will start both without durability in a temporary folder, and stop and delete them at the end."""
    with _engines_in(Path(tempfile.gettempdir()), command="run test", is_durable=False) as engines:
        yield engines


@contextlib.contextmanager
def durable_engines(*, command: str) -> Iterator[Throwaway]:
    """
    This function will start both as durable as a site's own, whatever engines the environment names, and delete them.

    They lie on the checkout's disk: a temporary folder may be kept in memory, where being durable costs nothing.
    """
    folder = ROOT / "var" / "measured"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:  # PostgreSQL may have to run as another user, who must be able to pass through
        for passed in (folder.parent, folder):
            passed.chmod(0o711)
    with _engines_in(folder, command=command, is_durable=True) as engines:
        yield engines


@contextlib.contextmanager
def _engines_in(folder: Path, *, command: str, is_durable: bool) -> Iterator[Throwaway]:
    _delete_leftovers(folder, command=command)
    places = Places(var=Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder)))
    places.make()
    with (
        _deleted(places),
        site_lock(places, command=command) as lock,
        Family(kept_descriptors=lock.inherited) as family,
    ):
        with terminal.step("PostgreSQL and Valkey"):
            env = _start(family, places, lock, is_durable=is_durable)
        yield Throwaway(places=places, family=family, env=env)


def _start(family: Family, places: Places, lock: SiteLock, *, is_durable: bool) -> dict[str, str]:
    engines = start_engines(
        family=family,
        places=places,
        throwaway=not is_durable,
        kept_descriptors=lock.inherited,
        are_own=is_durable,
    )
    url = f"http://{HOST}:{DEFAULT_PORT}"
    return site_environment(places=places, database_url=engines.database_url, redis_url=engines.redis_url, site_url=url)


@contextlib.contextmanager
def _deleted(places: Places) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def _delete_leftovers(parent: Path, *, command: str) -> None:
    # A killed launcher cannot tidy up; the next one does, once the lock shows that nobody is in there.
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(Trouble, OSError), site_lock(Places(var=folder), command=command):
            shutil.rmtree(folder, ignore_errors=True)
