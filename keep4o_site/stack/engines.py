"""The two engines of a site: our own embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from urllib.parse import urlsplit

from keep4o_site.stack.places import ROOT, Places, socket_folder
from keep4o_site.stack.postgres import Postgres
from keep4o_site.stack.postgres import binaries as postgres_binaries
from keep4o_site.stack.privileges import unprivileged
from keep4o_site.stack.supervision import Family
from keep4o_site.stack.trouble import Trouble
from keep4o_site.stack.valkey import Valkey
from keep4o_site.stack.virtualenv import PYTHON

_PROBE_TIMEOUT_S = 15
# Run by the virtual environment's Python, since the launcher itself knows no driver. The address goes by the
# environment: a command line can be read by every user of the machine.
_PROBE = """
import os, sys
url = os.environ["PROBED_URL"]
try:
    if url.startswith("postgres"):
        import psycopg
        psycopg.connect(url, connect_timeout=5).close()
    else:
        import redis
        from accounts.valkey import AnyPool
        redis.Redis(connection_pool=AnyPool.from_url(url, socket_connect_timeout=5, socket_timeout=5)).ping()
except Exception as error:
    sys.exit(str(error).splitlines()[0])
"""
_DATABASE_SCHEMES = ("postgresql", "postgres")
_REDIS_SCHEMES = ("redis", "rediss", "unix", "sentinel")


@dataclass(frozen=True)
class Engines:
    """Where the engines answer; `postgres` is None when the database is not ours."""

    database_url: str
    redis_url: str
    postgres: Postgres | None

    def database_identity(self) -> str:
        """This function will return a digest that another database cluster, or another address, does not share."""
        if self.postgres is None:
            return hashlib.sha256(self.database_url.encode()).hexdigest()
        return self.postgres.ask("SELECT system_identifier FROM pg_control_system()")

    def applied_migrations(self) -> str | None:
        """This function will return the names of the applied migrations, or None where that is not known cheaply."""
        if self.postgres is None:
            return None
        if not self.postgres.ask("SELECT to_regclass('django_migrations')"):
            return ""
        return self.postgres.ask("SELECT app || '.' || name FROM django_migrations ORDER BY 1")


def start_engines(
    *,
    family: Family,
    places: Places,
    throwaway: bool = False,
    kept_descriptors: tuple[int, ...] = (),
    are_own: bool = False,
) -> Engines:
    """
    Start what the environment does not name already, and return where both engines answer.

    Args:   are_own: whatever the environment names is left alone; both are started.
    Raises: Trouble if DATABASE_URL or REDIS_URL cannot be used, or an engine does not start.
    """
    named = {} if are_own else os.environ
    given_database, given_redis = named.get("DATABASE_URL", ""), named.get("REDIS_URL", "")
    if given_database:
        check_database_url(given_database)
    if given_redis:
        check_redis_url(given_redis)
    postgres = None if given_database else _embedded_postgres(places, throwaway, kept_descriptors)
    valkey = None if given_redis else embedded_valkey(places, throwaway=throwaway, kept_descriptors=kept_descriptors)
    for engine in (postgres, valkey):
        if engine is not None:
            family.adopt(engine.start())
    return Engines(
        database_url=postgres.url if postgres else given_database,
        redis_url=valkey.url if valkey else given_redis,
        postgres=postgres,
    )


def _embedded_postgres(places: Places, throwaway: bool, kept_descriptors: tuple[int, ...]) -> Postgres:
    privileges = unprivileged(data=places.postgres, program=postgres_binaries() / "postgres")
    privileges.open_way_through(places.var)
    return Postgres(
        data=places.postgres,
        sockets=socket_folder(places),
        log=places.logs / "postgres.log",
        privileges=privileges,
        throwaway=throwaway,
        kept_descriptors=kept_descriptors,
    )


def embedded_valkey(places: Places, *, throwaway: bool, kept_descriptors: tuple[int, ...] = ()) -> Valkey:
    return Valkey(
        data=places.valkey,
        sockets=socket_folder(places),
        log=places.logs / "valkey.log",
        throwaway=throwaway,
        kept_descriptors=kept_descriptors,
    )


def check_database_url(url: str) -> None:
    """This function will raise Trouble, saying why in a sentence without the password, if the address is no use."""
    _require_scheme("DATABASE_URL", url, _DATABASE_SCHEMES)
    _probe("DATABASE_URL", url)


def check_redis_url(url: str) -> None:
    """This function will raise Trouble, saying why in a sentence without the password, if the address is no use."""
    _require_scheme("REDIS_URL", url, _REDIS_SCHEMES)
    _probe("REDIS_URL", url)


def _require_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    try:
        if "," not in urlsplit(url).netloc:  # several hosts are read by whoever knows their form
            urlsplit(url).port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise Trouble(f"{name} is not an address that can be read.") from error
    if not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise Trouble(f"{name} must start with {schemes[0]}://.")


def _probe(name: str, url: str) -> None:
    environment = {**os.environ, "PROBED_URL": url}
    command = (str(PYTHON), "-c", _PROBE)
    try:
        probe = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_PROBE_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise Trouble(f"{name} names a server that does not answer.") from error
    if probe.returncode:
        raise Trouble(f"{name} cannot be used: {_reason(probe.stderr, url)}.")


def _reason(stderr: str, url: str) -> str:
    reason = (stderr.strip().splitlines() or ["no reason was given"])[-1].rstrip(".")
    password = urlsplit(url).password
    return reason.replace(password, "…") if password else reason
