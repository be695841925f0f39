"""./run as a newcomer has it: the whole launcher, over data of its own."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from keep4o_site.stack.places import ROOT
from keep4o_site.stack.ports import any_free_port
from keep4o_site.stack.postgres import Postgres
from keep4o_site.stack.privileges import Privileges
from tests.stack.processes import processes_over, wait_until_none_is_left

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
READY_S = 120
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DATABASE_POOL_SIZE",
    "VAR_DIR",
    "PORT",
    "SECRET_KEY",
    "IDENTITY_KEY",
    "ENCRYPTION_KEYS",
)


class Launcher:
    """A started ./run and what it has said so far."""

    def __init__(self, var: Path) -> None:
        self._said = var.parent / "said"
        self.port = any_free_port()
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [ROOT / "run"],
                env={**_environment(var), "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    def wait_until_ready(self) -> str:
        deadline = time.monotonic() + READY_S
        while "Ctrl-C stops everything" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return f"http://127.0.0.1:{self.port}"

    def stop(self, wish: signal.Signals) -> int:
        self.process.send_signal(wish)
        return self.process.wait(60)


@dataclass(frozen=True)
class FirstStart:
    """What a first ./run left and said, and what others heard while it ran."""

    var: Path
    url: str
    said: str
    second: subprocess.CompletedProcess[str]
    reset: subprocess.CompletedProcess[str]
    manage: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def first_start() -> Iterator[FirstStart]:
    with tempfile.TemporaryDirectory(prefix="keep4o-run-") as folder:
        var = Path(folder) / "var"
        with _launched(var) as launcher:
            url = launcher.wait_until_ready()
            second, reset = _run(var), _run(var, "reset", "--yes")
            manage = _run_python(var, "import os; print(os.environ['SITE_URL'])")
            launcher.stop(signal.SIGTERM)
            yield FirstStart(var=var, url=url, said=launcher.said, second=second, reset=reset, manage=manage)


def test_a_first_start_prints_the_address_the_mailbox_and_the_accounts(first_start: FirstStart) -> None:
    said, url = first_start.said, re.escape(first_start.url)

    assert re.search(rf"Site +{url}/\n", said)
    assert re.search(rf"Mailbox +{url}/dev/mailbox/\n", said)
    assert re.search(r"mona@example\.org +\S+", said)
    assert "Traceback" not in said
    assert "\x1b" not in said, "colours are for terminals"


def test_other_commands_know_of_a_running_site(first_start: FirstStart) -> None:
    sentence = f"✗ ./run already runs in this checkout at {first_start.url}.\n"

    assert (first_start.second.returncode, first_start.second.stderr) == (1, sentence)
    assert (first_start.reset.returncode, first_start.reset.stderr) == (1, sentence)
    assert (first_start.manage.returncode, first_start.manage.stdout) == (0, f"{first_start.url}\n")


def test_a_second_start_skips_what_is_done_and_ctrl_c_stops_it_in_order(first_start: FirstStart) -> None:
    with _launched(first_start.var) as launcher:
        url = launcher.wait_until_ready()
        assert urlopen(f"{url}/healthz").status == 200

        code = launcher.stop(signal.SIGINT)

        assert code == 0
        assert processes_over(first_start.var) == []
        assert not any(step in launcher.said for step in ("Database", "Demo", "Python packages"))
        assert launcher.said.endswith("Stopped.\n")
        assert "database system is shut down" in (first_start.var / "log" / "postgres.log").read_text()
        with pytest.raises(URLError):
            urlopen(url)


def test_a_killed_launcher_leaves_no_process_and_loses_no_row(first_start: FirstStart) -> None:
    var = first_start.var
    with _launched(var) as launcher:
        launcher.wait_until_ready()
        _ask(var, "CREATE TABLE kept AS SELECT 42 AS n")

        launcher.stop(signal.SIGKILL)

        assert wait_until_none_is_left(var, timeout_s=8) == []

    found = _run_python(
        var, "from django.db import connection as c; print(c.cursor().execute('TABLE kept').fetchone())"
    )
    assert found.stdout == "(42,)\n", found.stderr
    assert processes_over(var) == []


def test_a_server_that_dies_is_named_and_takes_all_others_with_it(first_start: FirstStart) -> None:
    with _launched(first_start.var) as launcher:
        launcher.wait_until_ready()
        os.kill(_pid_of_child(launcher.process.pid, "granian"), signal.SIGKILL)

        assert launcher.process.wait(60) == 1

        assert "✗ The web server ended unexpectedly, so everything is stopped; its log is " in launcher.said
        assert processes_over(first_start.var) == []


@contextlib.contextmanager
def _launched(var: Path) -> Iterator[Launcher]:
    launcher = Launcher(var)
    try:
        yield launcher
    finally:
        launcher.process.kill()
        launcher.process.wait()
        assert wait_until_none_is_left(var, timeout_s=10) == []


def _environment(var: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**inherited, "VAR_DIR": str(var)}


def _run(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "run", *arguments],
        env=_environment(var),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _run_python(var: Path, script: str) -> subprocess.CompletedProcess[str]:
    return _run(var, "manage", "shell", "--verbosity", "0", "--command", script)


def _ask(var: Path, query: str) -> str:
    sockets, log = var / "sockets", var / "log" / "asked.log"
    return Postgres(data=var, sockets=sockets, log=log, privileges=Privileges(uid=os.geteuid())).ask(query)


def _pid_of_child(parent: int, word: str) -> int:
    listed = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    return next(int(line.split()[0]) for line in listed.stdout.splitlines() if word in line)
