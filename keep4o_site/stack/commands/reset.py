"""./run reset: this checkout's data are gone, as if ./run had never been here; what is installed stays."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from keep4o_site.stack import terminal
from keep4o_site.stack.locks import site_lock
from keep4o_site.stack.places import Places, site_places
from keep4o_site.stack.trouble import Trouble

# The lock files must outlive us, or two launchers could hold a lock on two different files of one name.
_KEPT = ("launcher.lock", "children.lock", "setup.lock")


def reset_data(arguments: Sequence[str]) -> int:
    """This function will delete the data after asking at a terminal; it refuses while a ./run uses them."""
    if unknown := [argument for argument in arguments if argument not in ("--yes", "-y")]:
        raise Trouble(f"./run reset does not know “{unknown[0]}”, only --yes.")
    places = site_places()
    if not places.var.exists():
        terminal.say(f"There are no data in {places.var}.")
        return 0
    with site_lock(places, command="run reset"):
        if not arguments:
            _require_consent(places)
        for entry in places.var.iterdir():
            _delete(entry)
    terminal.say(f"All data in {places.var} are deleted; ./run starts afresh.")
    return 0


def _require_consent(places: Places) -> None:
    if not sys.stdin.isatty():
        raise Trouble("./run reset deletes all data: without a terminal to ask at, say ./run reset --yes.")
    if input(f"Delete all data in {places.var}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Trouble("Nothing was deleted.")


def _delete(entry: Path) -> None:
    if entry.name in _KEPT:
        return
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
