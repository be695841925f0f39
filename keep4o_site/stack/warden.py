"""
The last resort when a launcher is killed: a process that kills what the launcher's children have left behind.

The kernel tells direct children that their parent died, and they stop by themselves. Their own children (a web
worker in a long answer, Celery's beat) may never hear of it. So the launcher tells this process each process group,
over a pipe that breaks with the launcher's death: after a moment of grace, all groups that are left are killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import Self

_GRACE_S = 2.5
_POLL_S = 0.05


class Warden:
    """The launcher's end: which groups would be left behind at this moment."""

    def __init__(self, *, kept_descriptors: tuple[int, ...] = ()) -> None:
        # Isolated and without site packages: it must start at once and need nothing.
        command = [sys.executable, "-I", "-S", __file__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, cwd="/", start_new_session=True, pass_fds=kept_descriptors
        )

    def watch(self, group: int) -> None:
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}")

    def close(self) -> None:
        """This function will let the warden kill what is still watched, and wait for its end."""
        self._process.communicate()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # somebody killed the warden: the kernel's signal is left
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _listen() -> set[int]:
    """This function will return the groups that are watched when the launcher's end of the pipe closes."""
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    return groups


def _kill_after_grace(groups: set[int]) -> None:
    deadline = time.monotonic() + _GRACE_S
    while any(map(_exists, groups)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    _kill_after_grace(_listen())
