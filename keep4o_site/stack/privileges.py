"""PostgreSQL refuses to run as root: this finds the user, or the user namespace, in which it will."""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keep4o_site.stack.places import NOBODY_ID
from keep4o_site.stack.trouble import Trouble

_USER_NAMESPACE = ("unshare", "-U", f"--map-user={NOBODY_ID}", f"--map-group={NOBODY_ID}", "--")


@dataclass(frozen=True)
class Privileges:
    """How to start a program that refuses root: words before its command, and options of Popen."""

    uid: int
    prefix: tuple[str, ...] = ()
    popen_options: Mapping[str, Any] = field(default_factory=dict)

    def open_way_through(self, folder: Path) -> None:
        """This function will let another user pass through the folder, without seeing what is in it."""
        if self.uid != os.geteuid():
            folder.chmod(0o711)

    def hand_over(self, folder: Path) -> None:
        """This function will give the folder to the user who will run the program, if that is another one."""
        if self.uid == os.geteuid():
            return
        os.chown(folder, self.uid, -1)
        _require_way_to(folder, self)


def unprivileged(*, data: Path, program: Path) -> Privileges:
    """
    Return how to run `program` over the folder `data` without being root.

    An ordinary user stays who they are. Root enters a user namespace, in which its files keep their owner; where
    namespaces are forbidden (some containers) it becomes the owner of `data`, or nobody when there is none yet.
    """
    if os.geteuid():
        return Privileges(uid=os.geteuid())
    owner = data.stat().st_uid if data.exists() else 0
    if owner == 0 and _can_enter_namespace(program):
        return Privileges(uid=0, prefix=_USER_NAMESPACE)
    return dropped_to(owner or NOBODY_ID)


def dropped_to(uid: int) -> Privileges:
    """This function will return the privileges of another user, for root only."""
    return Privileges(uid=uid, popen_options={"user": uid, "group": _group_of(uid), "extra_groups": []})


def _can_enter_namespace(program: Path) -> bool:
    try:
        return (
            subprocess.run([*_USER_NAMESPACE, program, "--version"], capture_output=True, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


def _group_of(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def _require_way_to(folder: Path, privileges: Privileges) -> None:
    probe = subprocess.run(["test", "-x", folder], check=False, cwd="/", **privileges.popen_options)
    if probe.returncode:
        raise Trouble(
            f"PostgreSQL refuses to run as root and this system's user nobody may not enter {folder}: "
            "put the checkout where everybody may read, start it as an ordinary user, or set DATABASE_URL."
        )
