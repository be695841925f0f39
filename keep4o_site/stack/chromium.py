"""A Chromium for the browser tests: found, or installed; never silently missing."""

import os
import shutil
import subprocess
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.jobs import succeeds
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.virtualenv import PYTHON

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLAYWRIGHT_BUILDS = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def require_chromium(places: Places) -> Path:
    """This function will return a Chromium that starts; raises Trouble if none can be had."""
    given = os.environ.get("CHROMIUM", "")
    if given:
        return _require_start(Path(given))
    return find_chromium() or _install(places)


def find_chromium() -> Path | None:
    """This function will return the first Chromium on the PATH or in Playwright's cache that starts."""
    on_path = [Path(found) for name in _NAMES if (found := shutil.which(name))]
    return next(filter(starts, [*on_path, *_playwright_builds()]), None)


def starts(program: Path) -> bool:
    """This function will tell whether the program is there and all that it links to as well."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _require_start(program: Path) -> Path:
    if not starts(program):
        raise Trouble(f"CHROMIUM names {program}, which does not start.")
    return program


def _playwright_builds() -> list[Path]:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return [build for pattern in _PLAYWRIGHT_BUILDS for build in sorted(cache.glob(pattern), reverse=True)]


def _install(places: Places) -> Path:
    log = places.logs / "chromium.log"
    with terminal.step("Chromium", "(once, for the browser tests)"):
        for commands in _ways_to_install():
            if all(succeeds(command, log=log, env=os.environ) for command in commands) and (found := find_chromium()):
                return found
    raise Trouble(
        "The browser tests need Chromium and it could not be installed: install it, or name one with CHROMIUM=/path/to/it.",
    )


def _ways_to_install() -> list[list[list[str | Path]]]:
    # The fonts too: with whatever a bare machine has, pages are wider than what readers see.
    ways: list[list[list[str | Path]]] = [[[PYTHON, "-m", "playwright", "install", "chromium"]]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.append(
            [
                ["apt-get", "update"],
                ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"],
            ]
        )
    return ways
