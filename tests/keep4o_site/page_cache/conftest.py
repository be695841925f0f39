"""A site, a clock that can be wound, and the Valkey of the tests."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.keep4o_site.page_cache.visiting import Site, Valkey

_really = time.monotonic


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    valkey = Valkey()
    yield valkey
    valkey.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """This function will let time pass, for this process and the pages of a Valkey that is given."""
    passed = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: _really() + passed[0])

    def let_pass(seconds: float, *, valkey: Valkey | None = None) -> None:
        passed[0] += seconds
        if valkey is not None:
            valkey.age_pages(seconds)

    return let_pass
