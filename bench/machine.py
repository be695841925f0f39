"""On what it was measured: the machine, its disk and the versions of what ran."""

import os
import platform
import re
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection
from redis import Redis

from bench.insisting import insist

_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_PACKAGES = ("django", "psycopg", "granian", "celery")
_SYNCS = 200


def insist_on_durability(*, is_quick: bool) -> None:
    """This function will raise Trouble if the database may lose what it has acknowledged; a quick run measures nothing."""
    off = [name for name in _DURABLE if _setting(name) != "on"]
    insist(is_quick or not off, f"PostgreSQL runs with {', '.join(off)} off")


def facts(folder: Path) -> list[tuple[str, str]]:
    """This function will describe what was measured on; `folder` is on the database's disk."""
    return [
        ("cores", str(len(os.sched_getaffinity(0)))),
        ("processor", _first(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo"))),
        ("memory", f"{_memory_gib():.1f} GiB"),
        ("kernel", platform.release()),
        ("disk", f"an fsync of 8 KiB takes {_sync_ms(folder):.2f} ms (median of {_SYNCS})"),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in _PACKAGES),
        ("PostgreSQL", ", ".join([_setting("server_version"), *(f"{name} {_setting(name)}" for name in _DURABLE)])),
        ("Valkey", str(_valkey().get("valkey_version") or _valkey()["redis_version"])),
        ("wrk", _wrk_version()),
        ("commit", _commit()),
    ]


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _valkey() -> dict[str, str]:
    return dict(Redis.from_url(settings.REDIS_URL).info("server"))


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _sync_ms(folder: Path) -> float:
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.seek(0)
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return sorted(times)[_SYNCS // 2] * 1000


def _first(pattern: str, file: Path) -> str:
    found = re.search(pattern, file.read_text())
    return found[1] if found else "unknown"


def _wrk_version() -> str:
    said = subprocess.run([os.environ["WRK"], "-v"], capture_output=True, text=True, check=False)
    return _word_after("wrk", said.stdout + said.stderr)


def _commit() -> str:
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _word_after(word: str, text: str) -> str:
    found = re.search(rf"{word}\s+(\S+)", text)
    return found[1] if found else "unknown"
