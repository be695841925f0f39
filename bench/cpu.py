"""Which program used how much of the processors while something was measured."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/<pid>/stat, counted from behind the name (proc(5)).
_PARENT, _FIRST_TIME, _AFTER_TIMES, _RESIDENT = 1, 11, 15, 21


@dataclass
class CpuMeter:
    """Adds up, over several stretches of time, the processor time of each program with all its children."""

    roots: Mapping[str, Callable[[], int | None]]
    own: int  # this process: what its children use and is nobody's of the above is the load's
    used_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    wall_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """This function will count what is used inside of the `with`."""
        before, began = self._used(), time.monotonic()
        yield
        self.wall_s += time.monotonic() - began
        for name, used in self._used().items():
            self.used_s[name] += used - before.get(name, 0.0)

    def cores(self) -> dict[str, float]:
        """This function will tell how many cores each program kept busy."""
        return {name: used / self.wall_s for name, used in self.used_s.items()} if self.wall_s else {}

    def _used(self) -> dict[str, float]:
        times = _times_by_tree()
        pids = {name: find() for name, find in self.roots.items()}
        used = {name: times.get(pid, 0.0) for name, pid in pids.items() if pid is not None}
        below = _tree(self.own)
        of_children = sum(seconds for name, seconds in used.items() if pids[name] in below)
        return {**used, "load": times.get(self.own, 0.0) - of_children}


def resident_bytes(root: int) -> int:
    """This function will return the memory that a process and its children hold."""
    tree = _tree(root)
    return sum(int(fields[_RESIDENT]) * _PAGE_BYTES for pid, fields in _processes().items() if pid in tree)


def parent_of(pid: int) -> int:
    return int(_processes()[pid][_PARENT])


def _times_by_tree() -> dict[int, float]:
    """This function will return, for each process, the time that it, its children and its ended children have used."""
    processes = _processes()
    times: dict[int, float] = defaultdict(float)
    for pid, fields in processes.items():
        own = sum(map(int, fields[_FIRST_TIME:_AFTER_TIMES])) / _TICKS_PER_S
        while pid in processes:
            times[pid] += own
            pid = int(processes[pid][_PARENT])  # noqa: PLW2901 - up the tree
    return times


def _tree(root: int) -> set[int]:
    processes = _processes()
    tree, before = {root}, 0
    while len(tree) > before:
        before = len(tree)
        tree |= {pid for pid, fields in processes.items() if int(fields[_PARENT]) in tree}
    return tree


def _processes() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
    return found
