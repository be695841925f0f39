"""
One launcher at a time over one folder of data.

Two locks: the launcher's own says "it runs"; the second is inherited by all children and so stays held until the
last of them is gone, even when the launcher was killed. The kernel frees both; a file left behind means nothing.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble

_LEFTOVERS_TIMEOUT_S = 20
_POLL_S = 0.05


@dataclass(frozen=True)
class Running:
    """What a running launcher says about itself to others."""

    command: str
    site_url: str = ""
    database_url: str = ""
    redis_url: str = ""

    def sentence(self) -> str:
        where = f" at {self.site_url}" if self.site_url else ""
        return f"./{self.command} already runs in this checkout{where}."


@dataclass(frozen=True)
class SiteLock:
    """The right to start the engines over these places."""

    launcher_descriptor: int
    children_descriptor: int

    @property
    def inherited(self) -> tuple[int, ...]:
        """What every child must keep open."""
        return (self.children_descriptor,)

    def tell(self, running: Running) -> None:
        """This function will let other launchers know what runs here."""
        os.ftruncate(self.launcher_descriptor, 0)
        os.pwrite(self.launcher_descriptor, json.dumps(asdict(running)).encode(), 0)


@contextlib.contextmanager
def site_lock(places: Places, *, command: str) -> Iterator[SiteLock]:
    """This function will hold the lock; raises Trouble if a launcher has it, waits for a dead launcher's children."""
    with _opened(_launcher_file(places)) as launcher, _opened(places.var / "children.lock") as children:
        if not _try_lock(launcher):
            raise Trouble((running_launcher(places) or Running(command="run")).sentence())
        _wait_for_leftovers(children, places)
        lock = SiteLock(launcher_descriptor=launcher, children_descriptor=children)
        lock.tell(Running(command=command))
        yield lock


def running_launcher(places: Places) -> Running | None:
    """This function will return what the launcher that runs here said about itself, or None if none runs."""
    if not _launcher_file(places).exists():
        return None
    with _opened(_launcher_file(places)) as descriptor:
        if _try_lock(descriptor):
            return None
        return _parse(os.pread(descriptor, 10_000, 0))


@contextlib.contextmanager
def patient_lock(path: Path) -> Iterator[None]:
    """This function will hold a lock on the file, waiting for whoever has it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _wait_for_leftovers(descriptor: int, places: Places) -> None:
    deadline = time.monotonic() + _LEFTOVERS_TIMEOUT_S
    while not _try_lock(descriptor):
        if time.monotonic() > deadline:
            raise Trouble(f"Processes of an earlier ./run still use {places.var} and do not end: stop them first.")
        time.sleep(_POLL_S)


def _launcher_file(places: Places) -> Path:
    return places.var / "launcher.lock"


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _parse(content: bytes) -> Running:
    try:
        return Running(**json.loads(content))
    except (ValueError, TypeError):  # it is just writing
        return Running(command="run")
