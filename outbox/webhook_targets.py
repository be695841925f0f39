"""Where an event may go: a URL taken apart once, and the addresses that nobody may lead us to. Plain Python."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, urlsplit

import idna

MAX_URL_CHARS = 500
SECURE_PORTS = frozenset({443, 8443})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# What is_global lets through and nobody may be led to: ways to carry an IPv4 address inside an IPv6 one, the old 6to4
# relay, protocol assignments (192.0.0.192 is Oracle's metadata) and the address at which Azure's hosts speak to guests.
_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in ("2001::/32", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")
)
_GLOBAL_UNICAST_V6 = ipaddress.ip_network("2000::/3")
_PRINTABLE_ASCII = re.compile(r"[!-~]+", re.ASCII)
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*", re.ASCII)


class UrlProblem(Enum):
    """What is wrong with a URL that somebody typed."""

    UNREADABLE = "unreadable"
    NOT_SECURE = "not https"
    CREDENTIALS = "credentials"
    PORT = "port"
    ADDRESS = "address"
    NAME_UNKNOWN = "name"


class BadUrl(ValueError):
    """The URL is none that we post to; `problem` says why."""

    def __init__(self, problem: UrlProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class Target:
    """A URL taken apart once. The host that is looked up, the one in the Host header and the one in TLS are this one."""

    is_secure: bool
    host: str  # a name in ASCII, or an address without brackets
    port: int
    path: str  # with the query: never for logs

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_secure else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Where this site may post to. `loopback`: to this machine itself, over plain HTTP too, in development only."""

    loopback: bool
    refused: tuple[Network, ...] = ()

    def allows(self, address: Address) -> bool:
        """This function will tell whether an address is one of the open internet and of nobody's inner network."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address.is_loopback:
            return self.loopback
        is_unicast = address.version == 4 or address in _GLOBAL_UNICAST_V6
        is_inner = not address.is_global or address.is_multicast or address.is_reserved
        return is_unicast and not is_inner and not _is_within(address, (*_NEVER, *self.refused))


def parse_target(*, url: str, reach: Reach) -> Target:
    """
    This function will take a URL apart; whether its host may be reached is only known once the name is looked up.

    Raises: BadUrl: plain HTTP to anything but this machine (and that in development only), a user name or password, a
            fragment, another port than 443 or 8443, more than 500 characters, or no URL at all.
    """
    try:
        parts = urlsplit(url)
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError as error:  # what urlsplit and idna raise
        raise BadUrl(UrlProblem.UNREADABLE) from error
    if len(url) > MAX_URL_CHARS or not host or parts.fragment or "\\" in url or not url.isprintable():
        raise BadUrl(UrlProblem.UNREADABLE)
    if parts.username is not None or parts.password is not None:
        raise BadUrl(UrlProblem.CREDENTIALS)
    is_own = reach.loopback and _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_own):
        raise BadUrl(UrlProblem.NOT_SECURE)
    is_secure = parts.scheme == "https"
    port = (443 if is_secure else 80) if port is None else port
    if not is_own and port not in SECURE_PORTS:
        raise BadUrl(UrlProblem.PORT)
    return Target(is_secure=is_secure, host=host, port=port, path=_path(parts.path, parts.query))


def shown_url(url: str) -> str:
    """This function will name a URL to its team without the query, where people put keys."""
    base, mark, _query = url.partition("?")
    return f"{base}?…" if mark else base


def _ascii_host(host: str) -> str:
    """This function will write a host as it goes into the DNS; raises ValueError for what is neither name nor address."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        name = idna.encode(host, uts46=True).decode() if not host.isascii() else host.rstrip(".")
    if not _NAME.fullmatch(name):
        raise ValueError("no host name")
    return name


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _path(path: str, query: str) -> str:
    safe = "!$&'()*+,;=:@/%-._~"
    whole = quote(path or "/", safe=safe) + (f"?{quote(query, safe=safe + '?[]')}" if query else "")
    if not _PRINTABLE_ASCII.fullmatch(whole):
        raise BadUrl(UrlProblem.UNREADABLE)
    return whole


def _is_within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)
