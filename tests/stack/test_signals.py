"""A polite wish to stop, however it comes, ends the children in order; a second one ends them at once."""

import signal
import subprocess
import sys
import time
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


def _launch(places: Places, trap: str) -> subprocess.Popen[str]:
    command: list[str | Path] = [sys.executable, "-c", LAUNCHER, places.var, trap]
    launcher = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "up\n"
    return launcher


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_wish_to_stop_lets_the_children_end_politely(places: Places, wish: signal.Signals) -> None:
    launcher = _launch(places, "echo asked; exit")

    launcher.send_signal(wish)

    assert launcher.communicate(timeout=10)[0] == "stopped\n"
    assert (places.var / "child.log").read_text() == "up\nasked\n"


def test_a_second_ctrl_c_does_not_wait_for_a_slow_child(places: Places) -> None:
    launcher = _launch(places, "echo asked")  # and does not end
    before = time.monotonic()

    launcher.send_signal(signal.SIGINT)
    while "asked" not in (places.var / "child.log").read_text():
        time.sleep(0.02)
    launcher.send_signal(signal.SIGINT)

    assert launcher.communicate(timeout=10)[0] == "stopped\n"
    assert time.monotonic() - before < 5
