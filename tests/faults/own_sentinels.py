"""A Valkey with a replica and three sentinels: what a site has that outlives the loss of any one of their machines."""

import contextlib
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from keep4o_site.stack.children import Child, Program, start, wait_until
from keep4o_site.stack.places import Places
from keep4o_site.stack.ports import HOST, any_free_port
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.valkey import binary
from tests.faults.visitors import eventually

PRIMARY = "main"
NOTICED_AFTER_MS = 1000
_SENTINEL = """
port {port}
bind {host}
sentinel monitor {primary} {host} {watched} 2
sentinel down-after-milliseconds {primary} {noticed_after_ms}
sentinel failover-timeout {primary} 4000
"""


class WatchedValkey:
    """Five processes on loopback. Sentinels tell addresses, so all of them listen on ports."""

    def __init__(self, *, places: Places, family: Family) -> None:
        self.places, self.family = places, family
        self._ports = [any_free_port() for _ in range(5)]
        self.servers = {port: self._server(port) for port in self._ports[:2]}
        Redis(host=HOST, port=self._ports[1]).replicaof(HOST, self._ports[0])
        for port in self._ports[2:]:
            self._sentinel(port)
        eventually(self._is_watched)

    @property
    def url(self) -> str:
        return f"sentinel://{','.join(f'{HOST}:{port}' for port in self._ports[2:])}/{PRIMARY}?db=0"

    def primary_port(self) -> int:
        """This function will ask the sentinels; 0 while they know of none that answers."""
        for port in self._ports[2:]:
            with contextlib.suppress(RedisError), Redis(host=HOST, port=port) as sentinel:
                state = sentinel.sentinel_master(PRIMARY)
                return int(state["port"]) if state["is_master"] and not state["is_sdown"] else 0
        return 0

    def kill_primary(self) -> int:
        port = self.primary_port()
        child = self.servers.pop(port)
        child.kill()
        self.family.disown(child)
        return port

    def bring_back(self, port: int) -> None:
        """This function will start a server that was killed; the sentinels make it follow the one that took over."""
        self.servers[port] = self._server(port)

    def follows(self, port: int) -> bool:
        with contextlib.suppress(RedisError), Redis(host=HOST, port=port) as server:
            facts = server.info("replication")
            return facts["role"] == "slave" and facts["master_link_status"] == "up"
        return False

    def _is_watched(self) -> bool:
        """Every sentinel knows the replica and both of the others."""
        for port in self._ports[2:]:
            with Redis(host=HOST, port=port) as sentinel:
                state = sentinel.sentinel_master(PRIMARY)
                if (state["num-slaves"], state["num-other-sentinels"]) != (1, 2):
                    return False
        return self.follows(self._ports[1])

    def _server(self, port: int) -> Child:
        options = ("--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", self._folder(port))
        # A new replica gets its copy at once: five seconds are kept for more of them to come.
        return self._start(port, [*options, "--repl-diskless-sync-delay", "0"])

    def _sentinel(self, port: int) -> None:
        file = self._folder(port) / "sentinel.conf"
        words = {"primary": PRIMARY, "watched": self._ports[0], "noticed_after_ms": NOTICED_AFTER_MS}
        file.write_text(_SENTINEL.format(port=port, host=HOST, **words))
        self._start(port, [file, "--sentinel"])

    def _start(self, port: int, options: list[str | Path]) -> Child:
        name = f"valkey-{port}"
        log = self.places.logs / f"{name}.log"
        command = (binary(), *options)
        child = start(Program(name=name, command=command, log=log, env={}, cwd=self._folder(port)))
        self.family.adopt(child)
        wait_until(lambda: _answers(port), child=child, timeout_s=10)
        return child

    def _folder(self, port: int) -> Path:
        folder = self.places.var / f"valkey-{port}"
        folder.mkdir(exist_ok=True)
        return folder


def _answers(port: int) -> bool:
    with contextlib.suppress(RedisError), Redis(host=HOST, port=port) as server:
        return bool(server.ping())
    return False
