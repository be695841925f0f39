"""Programs that are run to their end: quietly into a log, or in the foreground of the terminal."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from keep4o_site.stack.children import Child, Command, Program, dies_with_parent, start
from keep4o_site.stack.places import ROOT
from keep4o_site.stack.signals import ctrl_c_left_to_the_child


def succeeds(command: Command, *, log: Path, env: Mapping[str, str]) -> bool:
    """This function will run the command with its output in the log; it is killed if we are told to stop."""
    return finish(begin(command, log=log, env=env)) == 0


def begin(command: Command, *, log: Path, env: Mapping[str, str]) -> Child:
    """This function will start a command that ends by itself."""
    name = Path(command[0]).name
    return start(Program(name=name, command=command, log=log, env=env, cwd=ROOT, orphan_signal=signal.SIGKILL))


def finish(child: Child) -> int:
    """This function will wait for the end and return the exit code; whatever interrupts the wait kills the child."""
    try:
        return child.process.wait()
    except BaseException:
        child.kill()
        raise


def in_foreground(command: Command, *, env: Mapping[str, str]) -> int:
    """This function will run the command at the terminal, Ctrl-C included, and return its exit code."""
    with ctrl_c_left_to_the_child():
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it only calls the kernel
        )
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
