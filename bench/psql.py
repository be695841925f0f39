"""What psql, the plainest of clients, takes for a statement."""

import os
import re
import subprocess

from keep4o_site.stack.postgres import binaries
from keep4o_site.stack.trouble import Trouble

_TIME = re.compile(r"^Time: ([\d.]+) ms", re.MULTILINE)


def seconds_of(*commands: str, url: str = "") -> float:
    """This function will run commands in one session and return what the last of them took, by psql's own clock."""
    words = [word for command in (r"\timing on", *commands) for word in ("-c", command)]
    run = subprocess.run(
        [binaries() / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", *words, url or os.environ["DATABASE_URL"]],
        capture_output=True,
        text=True,
        check=False,
    )
    times = _TIME.findall(run.stdout)
    if run.returncode or not times:
        raise Trouble("psql could not run the limit's statement.", details=run.stdout + run.stderr)
    return float(times[-1]) / 1000
