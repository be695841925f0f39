"""What a process remembers of the switches: for two seconds, read once for all threads, and through an outage."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from outbox.models import Switch, SwitchName
from outbox.remembering import KEEP_S, Remembered
from outbox.switches import OFF, switch_state
from tests.factories import NOW


class Source:
    """A value that changes each time it is read, and that can be away."""

    def __init__(self) -> None:
        self.reads = 0
        self.is_away = False

    def __call__(self) -> int:
        if self.is_away:
            raise OperationalError
        self.reads += 1
        return self.reads


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the monotonic clock of what is remembered."""
    now = [1_000.0]
    monkeypatch.setattr("outbox.remembering.time.monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


def test_a_value_is_read_again_after_two_seconds(clock: Callable[[float], None]) -> None:
    remembered = Remembered(read=Source(), unknown=0)

    seen = []
    for seconds in (0, 1.9, 0.2, 1.9, 0.2):
        clock(seconds)
        seen.append(remembered.value())

    assert KEEP_S == 2
    assert seen == [1, 1, 2, 2, 3]


def test_through_an_outage_a_value_stays_what_it_was(clock: Callable[[float], None]) -> None:
    source = Source()
    remembered = Remembered(read=source, unknown=0)
    remembered.value()
    source.is_away = True
    clock(60)
    during = remembered.value()
    source.is_away = False
    clock(KEEP_S)

    assert (during, remembered.value()) == (1, 2)


def test_a_lost_database_is_asked_once_in_two_seconds(clock: Callable[[float], None]) -> None:
    asked = []

    def read() -> int:
        asked.append(1)
        raise OperationalError

    remembered = Remembered(read=read, unknown=7)

    assert [remembered.value() for _ in range(5)] == [7] * 5
    assert len(asked) == 1


def test_threads_that_come_together_read_once() -> None:
    at_the_door = threading.Barrier(8)
    reads = []

    def read() -> int:
        reads.append(1)
        time.sleep(0.05)  # as long as a slow statement
        return 1

    remembered = Remembered(read=read, unknown=0)

    def ask() -> int:
        at_the_door.wait(5)
        return remembered.value()

    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: ask(), range(8)))

    assert seen == [1] * 8
    assert len(reads) == 1


@pytest.mark.django_db
def test_all_switches_are_one_statement() -> None:
    Switch.objects.create(name=SwitchName.PROOF_OF_WORK, is_on=True, level=3, changed_at=NOW)
    Switch.objects.create(name=SwitchName.STOP_BULK_MAIL, is_on=False, reason="old", changed_at=NOW)

    with CaptureQueriesContext(connection) as captured:
        states = [switch_state(name) for name in SwitchName for _ in range(3)]

    assert len(captured) == 1
    assert states[0] == states[6] == OFF
    assert (states[3].is_on, states[3].level) == (True, 3)
