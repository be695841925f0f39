"""Child processes that cannot outlive us: each in a session of its own, told by the kernel when we die."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from keep4o_site.stack.trouble import Trouble

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_POLL_S = 0.02
_libc = ctypes.CDLL(None)
Command: TypeAlias = Sequence[str | Path]


@dataclass(frozen=True)
class Program:
    """What to start and how to stop it."""

    name: str
    command: Command
    log: Path
    env: Mapping[str, str]
    cwd: Path
    stop_signal: signal.Signals = signal.SIGTERM
    # What the kernel sends when the launcher dies without a word.
    orphan_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10
    popen_options: Mapping[str, Any] = field(default_factory=dict)
    # Descriptors the child keeps open, so that a lock is held until the last process is gone.
    kept_descriptors: tuple[int, ...] = ()


@dataclass
class Child:
    """A running Program."""

    program: Program
    process: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        return self.program.name

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, *, grace_s: float | None = None) -> None:
        """This function will ask the child to stop, wait, and then kill whatever is left of its process group."""
        if self.is_alive():
            self.process.send_signal(self.program.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.program.grace_s if grace_s is None else grace_s)
        self.kill()

    def kill(self) -> None:
        """This function will kill the child and its own children at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_lines(self, count: int = 15) -> str:
        return last_lines(self.program.log, count)


def start(program: Program) -> Child:
    """This function will start the program with its output going to its log; the log before is kept once."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    if program.log.exists():
        program.log.replace(program.log.with_suffix(".log.before"))
    with program.log.open("wb") as log:
        process = subprocess.Popen(
            [os.fspath(part) for part in program.command],
            cwd=program.cwd,
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_parent(program.orphan_signal),  # noqa: PLW1509 - it only calls the kernel
            pass_fds=program.kept_descriptors,
            **program.popen_options,
        )
    return Child(program=program, process=process)


def dies_with_parent(orphan_signal: signal.Signals) -> Callable[[], None]:
    """
    Return what a child must run before its program, so that the kernel signals it when its parent dies.

    It must come after a change of user, which clears the wish: Popen runs it last.
    """
    parent = os.getpid()
    prctl = getattr(_libc, "prctl", None)  # Linux only

    def tell_the_kernel() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return tell_the_kernel


def wait_until(is_ready: Callable[[], bool], *, child: Child, timeout_s: float) -> None:
    """This function will poll until the child is ready; raises Trouble with its last lines if it dies or is slow."""
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if not child.is_alive():
            raise Trouble(
                f"{child.name} stopped while starting; its log is {child.program.log}.", details=child.last_lines()
            )
        if time.monotonic() > deadline:
            sentence = f"{child.name} was not ready after {timeout_s:.0f} s; its log is {child.program.log}."
            raise Trouble(sentence, details=child.last_lines())
        time.sleep(_POLL_S)


def last_lines(log: Path, count: int) -> str:
    """This function will return the end of a log, or nothing if there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""
