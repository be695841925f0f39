"""One run of wrk: a compiled load generator, bounded in time, on loopback only."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keep4o_site.stack.ports import HOST
from keep4o_site.stack.trouble import Trouble

LUA = Path(__file__).resolve().parent / "lua"
_MARK = "result "
_TIMEOUT_S = 10  # after it a request counts as an error


@dataclass(frozen=True, kw_only=True)
class Load:
    """What wrk says of a run: requests that were answered, and how long they took."""

    requests: int
    duration_s: float
    errors: int
    p50_ms: float
    p99_ms: float

    @property
    def per_s(self) -> float:
        return self.requests / self.duration_s


def wrk_command(
    *, port: int, path: str, script: str, seconds: float, connections: int, threads: int = 1, words: Sequence[str] = ()
) -> list[str]:
    options = [f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={_TIMEOUT_S}s"]
    script_path = str(LUA / script)
    return [os.environ["WRK"], *options, "-s", script_path, f"http://{HOST}:{port}{path}", "--", *words]


def run_wrk(
    *,
    port: int,
    path: str,
    seconds: float,
    connections: int,
    script: str = "get.lua",
    words: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Load:
    """
    This function will load one address for some seconds; wrk counts whole ones only.

    Raises: Trouble if an answer was an error: what answers nothing is quick.
    """
    command = wrk_command(port=port, path=path, script=script, seconds=seconds, connections=connections, words=words)
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 60, env={**os.environ, **(env or {})}
    )
    load = load_in(run.stdout)
    if load is None or load.errors or not load.requests:
        raise Trouble(f"The load on {path} met errors.", details=f"{run.stdout}\n{run.stderr}")
    return load


def load_in(output: str) -> Load | None:
    """This function will read what lua/summary.lua wrote at the end of wrk's own words."""
    line = next((line for line in output.splitlines() if line.startswith(_MARK)), None)
    return Load(**json.loads(line.removeprefix(_MARK))) if line else None
