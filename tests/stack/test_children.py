import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from keep4o_site.stack.children import Child, Program, start, wait_until
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Trouble

# A launcher with one child that ignores polite signals and has a child of its own.
STUBBORN_FAMILY = """
import os, signal, sys, time
from pathlib import Path
from keep4o_site.stack.children import Child, Program, start
from keep4o_site.stack.supervision import Family
log = Path(sys.argv[1]) / "child.log"
script = "trap '' TERM INT HUP; sleep 61.7 & while true; do sleep 0.1; done"
with Family() as family:
    family.adopt(start(Program(name="child", command=["sh", "-c", script], log=log, env=dict(os.environ), cwd=Path("/"))))
    print(family.children[0].process.pid, flush=True)
    time.sleep(60)
"""


def _program(places: Places, script: str, **options: Any) -> Program:
    return Program(
        name="Child", command=["sh", "-c", script], log=places.logs / "child.log", env={}, cwd=Path("/"), **options
    )


def _wait_until_up(child: Child) -> None:
    wait_until(lambda: "up" in child.last_lines(), child=child, timeout_s=5)


def _group_exists(group: int) -> bool:
    found = subprocess.run(["ps", "-eo", "pgid="], capture_output=True, text=True, check=True)
    return str(group) in found.stdout.split()


def _wait_for_end_of(group: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while _group_exists(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _group_exists(group)


def test_a_child_that_ignores_the_polite_signal_is_killed_with_its_children(places: Places) -> None:
    child = start(_program(places, "trap '' TERM; sleep 61.7 & echo up; wait; sleep 60", grace_s=0.2))
    _wait_until_up(child)

    child.stop()

    assert not child.is_alive()
    assert _wait_for_end_of(child.process.pid, 2)


def test_children_stop_in_the_reverse_order_of_their_start(places: Places) -> None:
    ends = places.var / "ends"
    with Family() as family:
        for name in ("first", "second", "third"):
            script = f"trap 'echo {name} >> {ends}; exit' TERM; echo up; while true; do sleep 0.02; done"
            child = family.adopt(start(_program(places, script)))
            _wait_until_up(child)

    assert ends.read_text().split() == ["third", "second", "first"]


def test_a_child_that_ends_by_itself_is_named_with_its_last_lines(places: Places, family: Family) -> None:
    family.adopt(start(_program(places, "echo out of luck; exit 3")))

    with pytest.raises(Trouble, match=r"^Child ended unexpectedly") as trouble:
        family.watch()

    assert trouble.value.details == "out of luck"
    assert "child.log" in str(trouble.value)


def test_a_child_that_ends_while_starting_is_named_with_its_last_lines(places: Places, family: Family) -> None:
    child = family.adopt(start(_program(places, "echo no such luck; exit 3")))

    with pytest.raises(Trouble, match=r"^Child stopped while starting") as trouble:
        wait_until(lambda: False, child=child, timeout_s=5)

    assert trouble.value.details == "no such luck"


def test_a_child_that_is_never_ready_is_given_up(places: Places, family: Family) -> None:
    child = family.adopt(start(_program(places, "sleep 60")))

    with pytest.raises(Trouble, match=r"^Child was not ready after 0 s"):
        wait_until(lambda: False, child=child, timeout_s=0.1)


def test_the_log_before_the_last_start_is_kept(places: Places) -> None:
    for line in ("one", "two"):
        start(_program(places, f"echo {line}")).process.wait()

    assert (places.logs / "child.log").read_text() == "two\n"
    assert (places.logs / "child.log.before").read_text() == "one\n"


# A killed launcher cannot tidy up: this takes as long as the warden's grace.
@pytest.mark.slow
def test_a_killed_launcher_leaves_not_even_stubborn_grandchildren(places: Places) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", STUBBORN_FAMILY, places.var], cwd=ROOT, stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    group = int(launcher.stdout.readline())
    assert _group_exists(group)

    launcher.send_signal(signal.SIGKILL)
    launcher.communicate()

    assert _wait_for_end_of(group, 6)
