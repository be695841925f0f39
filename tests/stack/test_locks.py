import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from keep4o_site.stack import locks
from keep4o_site.stack.locks import Running, running_launcher, site_lock
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.trouble import Trouble

HOLD = """
import sys, time
from pathlib import Path
from keep4o_site.stack.locks import Running, site_lock
from keep4o_site.stack.places import Places
with site_lock(Places(var=Path(sys.argv[1])), command="run") as lock:
    lock.tell(Running(command="run", site_url="http://127.0.0.1:8123"))
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_launcher(places: Places) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, places.var], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_launcher_hears_in_one_sentence_where_the_first_runs(
    places: Places, other_launcher: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(Trouble) as refused, site_lock(places, command="run"):
        pass

    assert str(refused.value) == "./run already runs in this checkout at http://127.0.0.1:8123."


def test_the_lock_of_a_killed_launcher_is_free_at_once(places: Places, other_launcher: subprocess.Popen[bytes]) -> None:
    assert running_launcher(places) == Running(command="run", site_url="http://127.0.0.1:8123")

    other_launcher.send_signal(signal.SIGKILL)
    other_launcher.wait()

    assert running_launcher(places) is None
    with site_lock(places, command="run"):
        assert running_launcher(places) == Running(command="run")


def test_nothing_runs_where_nothing_ever_ran(places: Places) -> None:
    assert running_launcher(places) is None


def test_a_start_waits_for_the_last_child_of_a_killed_launcher(places: Places) -> None:
    with site_lock(places, command="run") as lock:
        child = subprocess.Popen(["sleep", "0.4"], pass_fds=lock.inherited)
    before = time.monotonic()

    with site_lock(places, command="run"):
        waited_s = time.monotonic() - before

    assert 0.2 < waited_s < 5
    child.wait()


def test_children_that_never_end_are_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_LEFTOVERS_TIMEOUT_S", 0.1)
    with site_lock(places, command="run") as lock:
        child = subprocess.Popen(["sleep", "60"], pass_fds=lock.inherited)

    with pytest.raises(Trouble, match=f"still use {places.var}"), site_lock(places, command="run"):
        pass

    child.kill()
    child.wait()


def test_the_lock_file_can_be_read_by_its_owner_only(places: Places) -> None:
    with site_lock(places, command="run") as lock:
        assert os.fstat(lock.launcher_descriptor).st_mode & 0o777 == 0o600
