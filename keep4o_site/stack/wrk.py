"""wrk, the load generator of ./run bench: found, or installed from Debian; never silently missing."""

import os
import shutil
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.jobs import succeeds
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble


def require_wrk(places: Places) -> Path:
    """This function will return the wrk on the PATH or the one that WRK names; raises Trouble if none can be had."""
    wrk = find_wrk() or _install(places)
    if wrk is None:
        raise Trouble("./run bench needs the load generator wrk: `apt install wrk` as root, or name one with WRK=….")
    return wrk


def find_wrk() -> Path | None:
    found = shutil.which(os.environ.get("WRK") or "wrk")
    return Path(found) if found else None


def _install(places: Places) -> Path | None:
    with terminal.step("wrk", "(once, for the bench)"):
        for command in _ways_to_install():
            succeeds(command, log=places.logs / "wrk.log", env=os.environ)
    return find_wrk()


def _ways_to_install() -> list[list[str]]:
    if os.geteuid() or not shutil.which("apt-get"):
        return []
    return [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "wrk"]]
