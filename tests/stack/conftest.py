"""Folders and engines of a test's own: nothing here touches the checkout's var/."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from keep4o_site.stack.places import Places
from keep4o_site.stack.supervision import Family


@pytest.fixture
def places() -> Iterator[Places]:
    """Empty places whose path is short enough for a socket, as pytest's own temporary folders are not always."""
    with tempfile.TemporaryDirectory(prefix="keep4o-stack-") as folder:
        places = Places(var=Path(folder))
        places.make()
        yield places


@pytest.fixture
def family() -> Iterator[Family]:
    with Family() as family:
        yield family


@pytest.fixture(autouse=True)
def _no_outside_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "PORT", "VAR_DIR"):
        monkeypatch.delenv(name, raising=False)
