"""Where a request comes from, as far as we want to know it: a network, never an address."""

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings

from outbox.digests import keyed_digest

IPV4_PREFIX_BITS = 24
IPV6_PREFIX_BITS = 56  # what a home or an office is given; the 2**72 addresses in it are one visitor's
NETWORK_PURPOSE = "visitor-network"
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the dress of an IPv6 one


def visitor_network(meta: Mapping[str, Any]) -> str:
    """This function will name the network that a request (its META) comes from, "" where that is not known."""
    return network_prefix(visitor_address(meta))


def visitor_address(meta: Mapping[str, Any]) -> str:
    """
    This function will find the address that a request (its META) comes from.

    Behind N proxies of ours it is the Nth last of X-Forwarded-For, which the outermost of them wrote; what stands before
    it was written by the visitor. Without a proxy the header is the visitor's own and says nothing.
    """
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if count and len(hops) >= count and hops[-count].strip():
        return hops[-count].strip()
    return str(meta.get("REMOTE_ADDR") or "")


def network_prefix(address: str) -> str:
    """
    This function will reduce an address to its /24 (IPv4) or /56 (IPv6); "" for what is no address.

    A loopback address is nobody's network but a proxy's that nobody declared: all visitors would be taken for one.
    """
    parsed = _parsed(address)
    if parsed is None or parsed.is_loopback:
        return ""
    kind, bits = (IPv4Address, IPV4_PREFIX_BITS) if isinstance(parsed, IPv4Address) else (IPv6Address, IPV6_PREFIX_BITS)
    unsaid = parsed.max_prefixlen - bits
    return f"{kind(int(parsed) >> unsaid << unsaid)}/{bits}"


def network_digest(*, prefix: str, day: date) -> bytes | None:
    """
    This function will digest a network for one day (UTC), None for an unknown one.

    With the day in it, no two days' rows tell that they came from one network, and no list of networks can be kept.
    """
    return keyed_digest(text=f"{day.isoformat()} {prefix}", purpose=NETWORK_PURPOSE) if prefix else None


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(_bare(address))
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        if parsed in _NAT64:
            return IPv4Address(int(parsed) & 0xFFFFFFFF)
        return parsed.ipv4_mapped or parsed
    return parsed


def _bare(address: str) -> str:
    """This function will take off what some proxies add: brackets and a port, and the zone of a link-local address."""
    address = address.strip()
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    return address.partition("%")[0]
