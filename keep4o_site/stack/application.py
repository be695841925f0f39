"""The site's own processes and the work that must precede them: translations, migrations, the demo."""

import http.client
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from keep4o_site.stack import terminal
from keep4o_site.stack.children import Child, Command, Program, last_lines, wait_until
from keep4o_site.stack.engines import Engines
from keep4o_site.stack.jobs import succeeds
from keep4o_site.stack.places import ROOT, Places
from keep4o_site.stack.ports import HOST
from keep4o_site.stack.stamps import Stamp, digest_of
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.virtualenv import PYTHON

_START_TIMEOUT_S = 60
_APPS = ("testimonials", "campaigns", "petitions", "accounts", "outbox")


@dataclass(frozen=True)
class Application:
    """One site over its places, with the environment its processes share."""

    places: Places
    env: Mapping[str, str]
    kept_descriptors: tuple[int, ...] = ()

    def web(self, port: int) -> Program:
        listen = ("--interface=wsgi", f"--host={HOST}", f"--port={port}", "--no-access-log", "--log-level=warning")
        # Two workers, so that a slow page leaves the site alive; each thread holds one database connection.
        capacity = ("--workers=2", "--blocking-threads=4", "--workers-kill-timeout=3")
        command = (PYTHON, "-m", "granian", *listen, *capacity, "keep4o_site.wsgi:application")
        return self._program("The web server", "web", command)

    def worker(self) -> Program:
        return self._celery("The Celery worker", "worker", "--beat", "--pool=prefork", "--concurrency=2")

    def counter(self) -> Program:
        """This function will name the worker that only keeps the counts, whatever the other one is busy with."""
        return self._celery("The counting worker", "counter", "--queues=count", "--pool=solo", "--hostname=counter@%h")

    def manage(self, *arguments: str, log_name: str) -> str:
        """This function will run manage.py to its end and return what it printed; Trouble with its end if it failed."""
        log = self.places.logs / f"{log_name}.log"
        if not succeeds([PYTHON, "manage.py", *arguments], log=log, env=self.env):
            sentence = f"`manage.py {' '.join(arguments)}` failed; its whole output is in {log}."
            raise Trouble(sentence, details=last_lines(log, 12))
        return log.read_text(errors="replace")

    def _celery(self, name: str, log_name: str, *options: str) -> Program:
        # There is nobody to greet or to listen to: without this the start takes a second longer.
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        celery: Command = (PYTHON, "-m", "celery", "-A", "keep4o_site.celery:app", "worker")
        command: Command = (*celery, *options, *alone, "--loglevel=INFO")
        # An orphan must not try to finish what it does without its engines: unacknowledged tasks are run again.
        return self._program(name, log_name, command, orphan_signal=signal.SIGKILL)

    def _program(
        self, name: str, log_name: str, command: Command, orphan_signal: signal.Signals = signal.SIGTERM
    ) -> Program:
        return Program(
            name=name,
            command=command,
            log=self.places.logs / f"{log_name}.log",
            env=self.env,
            cwd=ROOT,
            orphan_signal=orphan_signal,
            kept_descriptors=self.kept_descriptors,
        )


def prepare(application: Application, engines: Engines) -> None:
    """This function will do what has not been done for this database and this code, each with a line of its own."""
    compile_translations(application)
    migrate(application, engines)
    load_demo_once(application, engines)


def compile_translations(application: Application) -> None:
    catalogues = [*ROOT.glob("locale/*/LC_MESSAGES/*.po")]
    # The results are in the checkout, so that is where the proof belongs.
    stamp = Stamp(ROOT / "var" / "stamps" / "translations")
    digest = digest_of(files=catalogues)
    compiled = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
    if not catalogues or (stamp.is_current(digest) and compiled):
        return
    with terminal.step("Translations"):
        application.manage("translations", "compile", log_name="translations")
    stamp.write(digest)


def migrate(application: Application, engines: Engines) -> None:
    stamp = Stamp(application.places.stamps / "migrations")
    if (digest := _migrations_digest(engines)) and stamp.is_current(digest):
        return
    with terminal.step("Database"):
        application.manage("migrate", "--no-input", "--verbosity", "1", log_name="migrate")
    if digest := _migrations_digest(engines):
        stamp.write(digest)


def _migrations_digest(engines: Engines) -> str | None:
    files = [file for app in _APPS for file in (ROOT / app / "migrations").glob("*.py")]
    applied = engines.applied_migrations()
    if applied is None:
        return None  # nothing proves what another's database holds
    requirements = (ROOT / "requirements.txt").read_text()  # libraries bring migrations too
    return digest_of(files=files, texts=[requirements, engines.database_identity(), applied])


def load_demo_once(application: Application, engines: Engines) -> None:
    places = application.places
    stamp = Stamp(places.stamps / "demo")
    identity = engines.database_identity()
    if stamp.is_current(identity) and places.demo_accounts.exists():
        return
    with terminal.step("Demo", "(once)"):
        application.manage("load_demo", log_name="demo")
        places.demo_accounts.touch(mode=0o600)
        places.demo_accounts.write_text(application.manage("demo_accounts", log_name="demo_accounts"))
    stamp.write(identity)


def wait_for_web(child: Child, port: int) -> None:
    """This function will wait until the site says that it is well."""
    wait_until(lambda: _is_well(port), child=child, timeout_s=_START_TIMEOUT_S)


def _is_well(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
