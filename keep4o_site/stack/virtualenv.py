"""The virtual environment: made from the requirements files, brought up to date when they or the Python change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.children import last_lines
from keep4o_site.stack.jobs import succeeds
from keep4o_site.stack.locks import patient_lock, running_launcher
from keep4o_site.stack.places import ROOT, VENV, Places, site_places
from keep4o_site.stack.stamps import Stamp, digest_of
from keep4o_site.stack.trouble import Trouble

PYTHON = VENV / "bin" / "python"
_UNFINISHED = VENV / ".unfinished"
_NEEDED_MB = 600
_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
_NO_NETWORK_SIGNS = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "Network is unreachable",
    "Connection refused",
    "name resolution",
)


def enter(arguments: list[str]) -> None:
    """This function will make sure that this process runs in the environment, replacing itself if need be."""
    ensure()
    if not VENV.samefile(sys.prefix):
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "run"), *arguments])  # noqa: S606 - a fixed path, and no shell is wanted


def ensure() -> None:
    """This function will make the environment unless its stamp proves that it is the one wanted."""
    digest = wanted_digest()
    stamp = Stamp(VENV / ".stamp")
    if stamp.is_current(digest) and PYTHON.exists():
        return
    places = Places(var=ROOT / "var")
    places.make()
    with patient_lock(places.var / "setup.lock"):
        if not (stamp.is_current(digest) and PYTHON.exists()):  # another ./run may have made it while this one waited
            _make(places.logs / "setup.log")
            stamp.write(digest)


def wanted_digest() -> str:
    return digest_of(texts=[*((ROOT / name).read_text() for name in _REQUIREMENTS), sys.version])


def _make(log: Path) -> None:
    if running_launcher(site_places()):
        raise Trouble("The requirements have changed while ./run is running: stop it, then start it again.")
    require_room(ROOT, needed_mb=_NEEDED_MB)
    terminal.heading("Keep4o: set-up")
    with terminal.step("Python packages", "(once; about a minute)"):
        if not _is_sound():
            _create(log)
        _UNFINISHED.touch()
        _install(log)
        _UNFINISHED.unlink()


def require_room(folder: Path, *, needed_mb: int) -> None:
    """This function will raise Trouble if the disk of the folder has less room than a set-up needs."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < needed_mb:
        raise Trouble(f"The set-up needs {needed_mb} MB of disk, but {folder} has only {free_mb} MB left.")


def _create(log: Path) -> None:
    # Started from inside a virtual environment, ours must not be built on that one.
    base_python = getattr(sys, "_base_executable", sys.executable)
    if not _run([base_python, "-m", "venv", "--clear", VENV], log):
        output = last_lines(log, 20)
        if "ensurepip" in output:
            raise Trouble(
                "This Python cannot make virtual environments: on Debian, `apt install python3-venv` adds that."
            )
        raise _failure("The virtual environment could not be made", log)


def _is_sound() -> bool:
    """This function will tell whether an environment of this very Python is there and no installing was cut short."""
    if _UNFINISHED.exists() or not PYTHON.exists():
        return False
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
    )
    return version.stdout.strip() == sys.version


def _install(log: Path) -> None:
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2"]
    if not _run([PYTHON, "-m", "pip", "install", *options, "-r", ROOT / _REQUIREMENTS[-1]], log):
        raise install_failure(log)


def install_failure(log: Path) -> Trouble:
    """This function will tell from pip's output, in one sentence, why it could not install the packages."""
    output = log.read_text(errors="replace")
    if any(sign in output for sign in _NO_NETWORK_SIGNS):
        return Trouble(
            f"pip cannot reach the package index: check the network and run this again (pip's words: {log})."
        )
    return _failure("pip could not install the packages", log)


def _failure(sentence: str, log: Path) -> Trouble:
    return Trouble(f"{sentence}; the whole output is in {log}.", details=last_lines(log, 10))


def _run(command: list[str | Path], log: Path) -> bool:
    # A shell's own Python settings would lead the new environment's Python astray.
    ours = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET")}
    return succeeds(command, log=log, env=ours)
