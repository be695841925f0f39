"""
Where Valkey is: at one address, or wherever its sentinels say that the primary is now.

One form of address for all who talk to it, `sentinel://[user:password@]host[:port],host2,…/<primary's name>[?db=0]`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

SCHEME = "sentinel://"
SCHEMES = ("redis://", "rediss://", "unix://", SCHEME)
DEFAULT_PORT = 26379
# A sentinel is near, knows the answer by heart, and there are others: whoever is slower is not waited for.
SENTINEL_CONNECT_TIMEOUT_S = 0.2
SENTINEL_ANSWER_TIMEOUT_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Sentinels:
    """Who is asked where the primary is, and how it is then spoken to. The passwords are for both, or for each its own."""

    hosts: tuple[tuple[str, int], ...]
    primary: str
    database: int
    username: str | None
    password: str | None
    sentinel_username: str | None
    sentinel_password: str | None

    @property
    def how_to_ask(self) -> dict[str, Any]:
        """The options of a connection to a sentinel."""
        return {
            "username": self.sentinel_username,
            "password": self.sentinel_password,
            "socket_connect_timeout": SENTINEL_CONNECT_TIMEOUT_S,
            "socket_timeout": SENTINEL_ANSWER_TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
        }

    @property
    def celery_url(self) -> str:
        """The same as Celery writes it: one address for each sentinel, and without the primary's name."""
        who = ":".join(quote(part or "", safe="") for part in (self.username, self.password))
        at = f"{who}@" if self.username or self.password else ""
        return ";".join(f"{SCHEME}{at}{_bracketed(host)}:{port}/{self.database}" for host, port in self.hosts)


class AnyPool:
    """Makes connections to what an address names; Django's cache calls it as it would call ConnectionPool."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> ConnectionPool:
        sentinels = sentinels_of(url)
        if sentinels is None:
            return ConnectionPool.from_url(url, **options)
        manager = Sentinel(sentinels.hosts, sentinel_kwargs=sentinels.how_to_ask)  # type: ignore[no-untyped-call]
        # Once more, since the first try may find the connection to a primary that is gone.
        defaults = {"retry": Retry(NoBackoff(), 1), "db": sentinels.database}
        known = {"username": sentinels.username, "password": sentinels.password}
        return SentinelConnectionPool(sentinels.primary, manager, **{**defaults, **known, **options})  # type: ignore[no-untyped-call]


def sentinels_of(url: str) -> Sentinels | None:
    """
    This function will read an address of sentinels; None for that of a server.

    Raises: ImproperlyConfigured, saying what is wrong with it and never what its password is.
    """
    if not url.startswith(SCHEMES):
        raise ImproperlyConfigured(f"REDIS_URL must start with one of {', '.join(SCHEMES)}; Celery knows no clusters")
    if not url.startswith(SCHEME):
        return None
    try:
        return _read(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL cannot be read: {error}") from error


def _read(url: str) -> Sentinels:
    # Not urlsplit: some releases of Python refuse a bracket that does not begin the host.
    place, _, rest = url.removeprefix(SCHEME).partition("/")
    path, _, query = rest.partition("?")
    who, _, hosts = place.rpartition("@")
    primary = unquote(path.strip("/"))
    if not hosts or not primary or "/" in primary:
        raise ValueError("an address of sentinels is sentinel://host,host2,host3/name-of-the-primary")
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    if unknown := set(asked) - {"db", "sentinel_username", "sentinel_password"}:
        raise ValueError(f"an address of sentinels has no option {min(unknown)}")
    username, _, password = who.partition(":")
    return Sentinels(
        hosts=tuple(map(_host_and_port, hosts.split(","))),
        primary=primary,
        database=int(asked.get("db", "0")),
        username=unquote(username) or None,
        password=unquote(password) or None,
        sentinel_username=asked.get("sentinel_username"),
        sentinel_password=asked.get("sentinel_password"),
    )


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("an address of sentinels names each as host or host:port")
    return parts.hostname, parts.port or DEFAULT_PORT


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
