"""Finds every process that belongs to a site's data, whatever it calls itself."""

import os
import time
from pathlib import Path


def processes_over(var: Path) -> list[str]:
    """This function will return the command lines of processes that name the folder or have it in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:  # it has just ended
            continue
        if os.fsencode(var) in command + environment:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def wait_until_none_is_left(var: Path, *, timeout_s: float) -> list[str]:
    """This function will return the processes that are still there at the deadline: none, if all is well."""
    deadline = time.monotonic() + timeout_s
    while (left := processes_over(var)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
