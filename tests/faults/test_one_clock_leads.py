"""Several clocks run, as Celery starts them: one sends. It is killed, stopped and cut off, and another one goes on."""

import json
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from keep4o_site.leadership import PROOF_S, SILENCE_S
from keep4o_site.stack.children import Child, Program, start
from keep4o_site.stack.engines import embedded_valkey
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.ports import HOST
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.virtualenv import PYTHON
from tests.faults.own_postgres import FAST, own_postgres
from tests.faults.visitors import eventually
from tests.live_site import _environment

pytestmark = pytest.mark.slow  # an empty database server, a broker and three clocks
TAKES_OVER_S = SILENCE_S + 3  # a silence, a turn, and room for a busy machine
A_WHILE_S = 2.0  # many turns: the count is asked for every half second


class Clocks:
    """Three clocks over engines of their own. The database is empty: a clock needs none of its tables."""

    def __init__(self, *, places: Places, family: Family) -> None:
        self.family = family
        self.postgres = own_postgres(places)
        self.postgres_child = family.adopt(self.postgres.start())
        self.valkey = embedded_valkey(places, throwaway=True)
        self.valkey_child = family.adopt(self.valkey.start())
        env = _environment(places, self.postgres.url, self.valkey.url, f"http://{HOST}")
        self.running = {child.process.pid: child for child in (self._start(places, env, n) for n in range(3))}

    def senders(self) -> list[int]:
        """This function will take what was sent since the last time, and say by which process; the oldest first."""
        with Redis.from_url(self.valkey.url) as broker:
            taken = broker.pipeline().lrange("celery", 0, -1).delete("celery").execute()[0]
        origins = [json.loads(message)["headers"]["origin"] for message in reversed(taken)]
        return [int(origin.removeprefix("gen").partition("@")[0]) for origin in origins]

    def wait_for_sender(self, *, other_than: int = 0, within_s: float = TAKES_OVER_S) -> int:
        """This function will wait until somebody else sends, and say who."""
        seen: set[int] = set()

        def is_there() -> bool:
            seen.update(set(self.senders()) - {other_than})
            return bool(seen)

        eventually(is_there, within_s=within_s)
        (sender,) = seen
        return sender

    def signal(self, pid: int, which: signal.Signals) -> None:
        self.running[pid].process.send_signal(which)

    def _start(self, places: Places, env: dict[str, str], number: int) -> Child:
        command = (PYTHON, "-m", "celery", "-A", "keep4o_site.celery:app", "beat", "--pidfile=", "--loglevel=INFO")
        log = places.logs / f"clock-{number}.log"
        return self.family.adopt(start(Program(name="A clock", command=command, log=log, env=env, cwd=ROOT)))


@pytest.fixture(scope="module")
def clocks() -> Iterator[Clocks]:
    places = Places(var=Path(tempfile.mkdtemp(prefix="keep4o-clocks-")))
    places.make()
    try:
        with Family() as family:
            clocks = Clocks(places=places, family=family)
            try:
                yield clocks
            finally:
                family.kill()
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def test_one_clock_sends_and_whatever_happens_to_it_one_goes_on(clocks: Clocks) -> None:
    first = clocks.wait_for_sender(within_s=20)
    clocks.senders()
    time.sleep(A_WHILE_S)
    assert set(clocks.senders()) == {first}

    # The database is restarted: whoever comes first leads, and what was sent meanwhile came from one at a time.
    clocks.postgres_child.process.send_signal(FAST)
    clocks.postgres_child.process.wait(30)
    clocks.family.disown(clocks.postgres_child)
    time.sleep(PROOF_S + 0.5)
    clocks.senders()
    time.sleep(PROOF_S)
    assert clocks.senders() == []  # nobody can know that they lead, and no task could do anything
    clocks.postgres_child = clocks.family.adopt(clocks.postgres.start())
    second = clocks.wait_for_sender()

    # Valkey is restarted, and what it held is lost.
    clocks.valkey_child.stop()
    clocks.family.disown(clocks.valkey_child)
    time.sleep(PROOF_S)
    clocks.valkey_child = clocks.family.adopt(clocks.valkey.start())
    third = clocks.wait_for_sender()
    assert {first, second, third} <= set(clocks.running)

    # The leader is stopped in the middle of whatever it does. It wakes, and does not go on.
    clocks.signal(third, signal.SIGSTOP)
    clocks.senders()
    fourth = clocks.wait_for_sender(other_than=third)
    clocks.signal(third, signal.SIGCONT)
    time.sleep(A_WHILE_S)
    sent = clocks.senders()
    assert set(sent) <= {third, fourth}
    assert sent.count(third) <= 1  # which it was just sending when it was stopped

    # It is killed: its session ends with it, and nobody waits for a silence.
    clocks.signal(fourth, signal.SIGKILL)
    clocks.running[fourth].process.wait()
    clocks.senders()
    fifth = clocks.wait_for_sender(other_than=fourth, within_s=SILENCE_S)

    # It is asked to stop: the last one takes over.
    clocks.signal(fifth, signal.SIGTERM)
    last = clocks.wait_for_sender(other_than=fifth)
    assert len({fourth, fifth, last}) == 3
