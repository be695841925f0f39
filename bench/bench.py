"""What every row needs: how long to measure, the site, the petition, and who uses the processors."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from redis import Redis

from bench.cpu import CpuMeter, parent_of
from bench.pace import Pace
from bench.site import Site
from petitions.models import Petition


@dataclass
class Bench:
    """One run over one site."""

    pace: Pace
    site: Site
    petition: Petition
    folder: Path
    known_rates: dict[str, float] = field(default_factory=dict)  # of stages of the whole way, for its limit
    _round: int = 0

    def next_prefix(self) -> str:
        """This function will return the beginning of addresses that no round before has used."""
        self._round += 1
        return f"r{self._round}t"

    def meter(self, **others: Callable[[], int | None]) -> CpuMeter:
        """This function will make a meter of the site's processes, of those named and of the load itself."""
        postgres = _postmaster()
        return CpuMeter(
            roots={
                "web": lambda: self.site.web.process.pid,
                "worker": self.site.worker_pid,
                "counting worker": lambda: self.site.worker_pid(1),
                "mail sink": lambda: self.site.sink_pid,
                "PostgreSQL": lambda: postgres,
                "Valkey": _valkey_pid,
                **others,
            },
            own=os.getpid(),
        )

    def say(self, words: str) -> None:
        sys.stdout.write(f"    {words}\n")
        sys.stdout.flush()


def _postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return parent_of(int(cursor.fetchone()[0]))


@cache
def _valkey_pid() -> int:
    told: Any = Redis.from_url(settings.REDIS_URL).info("server")
    return int(told["process_id"])
