"""Where things lie: the checkout, its virtual environment, and the folder of one site's data."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
# sockaddr_un.sun_path has 108 bytes, one of them for the closing NUL (unix(7)).
MAX_SOCKET_PATH_BYTES = 107
NOBODY_ID = 65534  # the kernel's own number for a user it does not know
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Places:
    """The folders and files of one site; nothing is made by asking."""

    var: Path

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def postgres(self) -> Path:
        return self.var / "postgres"

    @property
    def valkey(self) -> Path:
        return self.var / "valkey"

    @property
    def stamps(self) -> Path:
        return self.var / "stamps"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets.env"

    @property
    def demo_accounts(self) -> Path:
        return self.var / "demo_accounts.txt"

    @property
    def mail(self) -> Path:
        return self.var / "mail"

    def make(self) -> None:
        """This function will make the folders; only their owner may enter, for they hold secrets and letters."""
        for folder in (self.var, self.logs, self.stamps, self.mail):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def site_places() -> Places:
    """This function will return the places of this checkout's own site: var/, or VAR_DIR when that is set."""
    return Places(var=Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute())


def socket_folder(places: Places) -> Path:
    """
    Return the folder for the engines' Unix sockets, made if need be.

    It is below var/ unless that path is too long for a socket: then it is one in the temporary folder, whose name
    follows from var/, so that the next start finds the same.
    """
    folder = places.var / "sockets"
    if not _is_too_long(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"keep4o-{os.geteuid()}-{_short_digest(places.var)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder if _is_private(folder) else Path(tempfile.mkdtemp(prefix="keep4o-"))


def _is_too_long(folder: Path) -> bool:
    return len(os.fsencode(folder / _LONGEST_SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES


def _short_digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _is_private(folder: Path) -> bool:
    # In a shared temporary folder a stranger could have made this one before us. Root hands its own to nobody.
    facts = folder.lstat()
    owners = (0, NOBODY_ID) if os.geteuid() == 0 else (os.geteuid(),)
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid in owners and not facts.st_mode & 0o077
