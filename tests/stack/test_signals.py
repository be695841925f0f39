"""A polite wish to stop, however it comes, ends the children in order; a second one ends them at once."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keep4o_site.stack.places import ROOT, Places

LAUNCHER = """
import os, signal, sys, time
from pathlib import Path
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests themselves were started under
from keep4o_site.stack import signals
from keep4o_site.stack.children import Program, start
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Stopped
signals.raise_on_wish_to_stop()
log = Path(sys.argv[1]) / "child.log"
script = f"trap '{sys.argv[2]}' TERM; echo up; while true; do sleep 0.02; done"
program = Program(name="child", command=["sh", "-c", script], log=log, env=dict(os.environ), cwd=Path("/"))
try:
    with Family() as family:
        family.adopt(start(program))
        while "up" not in log.read_text():
            time.sleep(0.02)
        print("up", flush=True)
        family.watch()
except Stopped:
    print("stopped", flush=True)
"""


@pytest.fixture
def launch(places: Places) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """This fixture will start launchers of one child that does something when it is asked to stop, and leave none behind."""
    launchers: list[subprocess.Popen[str]] = []

    def launched(trap: str) -> subprocess.Popen[str]:
        command: list[str | Path] = [sys.executable, "-c", LAUNCHER, places.var, trap]
        launchers.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        stdout = launchers[-1].stdout
        assert stdout is not None
        assert stdout.readline() == "up\n"
        return launchers[-1]

    yield launched
    for launcher in launchers:
        launcher.kill()
        launcher.communicate()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_wish_to_stop_lets_the_children_end_politely(
    places: Places, launch: Callable[[str], subprocess.Popen[str]], wish: signal.Signals
) -> None:
    launcher = launch("echo asked; exit")

    launcher.send_signal(wish)

    assert launcher.communicate(timeout=10)[0] == "stopped\n"
    assert (places.var / "child.log").read_text() == "up\nasked\n"


def test_a_second_ctrl_c_does_not_wait_for_a_slow_child(
    places: Places, launch: Callable[[str], subprocess.Popen[str]]
) -> None:
    launcher = launch("echo asked")  # and does not end
    before = time.monotonic()

    launcher.send_signal(signal.SIGINT)
    while "asked" not in (places.var / "child.log").read_text():
        time.sleep(0.02)
    launcher.send_signal(signal.SIGINT)

    assert launcher.communicate(timeout=10)[0] == "stopped\n"
    assert time.monotonic() - before < 5
