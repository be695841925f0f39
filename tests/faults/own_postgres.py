"""A running site over a PostgreSQL of its own, which a test may stop, kill and start again."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keep4o_site.stack.children import Child
from keep4o_site.stack.places import Places, socket_folder
from keep4o_site.stack.postgres import Postgres, binaries
from keep4o_site.stack.privileges import unprivileged
from keep4o_site.stack.supervision import Family
from tests.faults.visitors import BEHIND_PROXY
from tests.live_site import LiveSite, _url_of, demo_template

IMMEDIATE = signal.SIGQUIT  # as a crash: without a goodbye to anybody, and with a recovery at the next start
FAST = signal.SIGINT


@dataclass(kw_only=True)
class SiteWithPostgres:
    """The site, and the hand on its database server. What was committed is durable, as in production."""

    site: LiveSite
    postgres: Postgres
    family: Family
    child: Child

    def stop(self, how: signal.Signals) -> None:
        self.child.process.send_signal(how)
        self.child.process.wait(30)
        self.family.disown(self.child)

    def start(self) -> None:
        self.child = self.family.adopt(self.postgres.start())


@contextlib.contextmanager
def silenced(server: Child) -> Iterator[None]:
    """This function will stop all processes of a server where they are, their connections open, until the block ends."""
    _tell_all(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        _tell_all(server.process.pid, signal.SIGCONT)


def _tell_all(pid: int, what: signal.Signals) -> None:
    """This function will tell a process before its children, so that a stopped one starts no further ones meanwhile."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it has just ended
        os.kill(pid, what)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            _tell_all(int(child), what)


@contextlib.contextmanager
def site_with_postgres() -> Iterator[SiteWithPostgres]:
    """This function will run the demo with the pool of production, and leave nothing of it behind."""
    places = Places(var=Path(tempfile.mkdtemp(prefix="keep4o-faults-")))
    places.make()
    postgres = own_postgres(places)
    try:
        with Family() as family:
            child = family.adopt(postgres.start())
            _copy_demo_into(postgres.url)
            postgres.ask("CHECKPOINT")  # else a recovery replays the loading of the demo
            web_env = {"DATABASE_POOL_SIZE": "4", **BEHIND_PROXY}
            site = LiveSite(places=places, database_url=postgres.url, family=family, web_env=web_env)
            running = SiteWithPostgres(site=site, postgres=postgres, family=family, child=child)
            try:
                yield running
            finally:
                family.kill()
    finally:
        shutil.rmtree(places.var, ignore_errors=True)


def own_postgres(places: Places) -> Postgres:
    privileges = unprivileged(data=places.postgres, program=binaries() / "postgres")
    privileges.open_way_through(places.var)
    return Postgres(
        data=places.postgres, sockets=socket_folder(places), log=places.logs / "postgres.log", privileges=privileges
    )


def _copy_demo_into(url: str) -> None:
    # Both tools come from one package; statistics are not worth their time.
    dump = [binaries() / "pg_dump", "--no-owner", "--no-statistics", f"--dbname={_url_of(demo_template())}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with subprocess.Popen(dump, stdout=subprocess.PIPE, env=env) as source:
        load = [binaries() / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", f"--dbname={url}"]
        subprocess.run(load, stdin=source.stdout, check=True, env=env)
    assert source.returncode == 0
