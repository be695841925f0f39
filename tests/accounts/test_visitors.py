"""Where a request comes from: what a visitor writes into a header changes nothing, and an address becomes a network."""

from datetime import date, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.visitors import network_digest, network_prefix, visitor_address, visitor_network

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.77:52100", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("64:ff9b::203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("[2001:db8:1:2ff:3::4]:443", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
        ("", ""),
        ("unknown", ""),
        ("203.0.113", ""),
        ("203.0.113.256", ""),
        ("::1::", ""),
        ("1" * 5_000, ""),
        ("'; DROP TABLE x", ""),
    ],
)
def test_an_address_is_reduced_to_its_network(address: str, prefix: str) -> None:
    assert network_prefix(address) == prefix


@given(st.ip_addresses().filter(lambda address: network_prefix(str(address)) != ""))  # loopback has its own test
def test_an_address_lies_in_its_network(address: IPv4Address | IPv6Address) -> None:
    prefix = ip_network(network_prefix(str(address)))

    if prefix.version == address.version:
        assert address in prefix
    else:
        assert ip_address(int(address) & 0xFFFFFFFF) in prefix  # an IPv4 address in the dress of an IPv6 one
    assert prefix.prefixlen == (24 if prefix.version == 4 else 56)


@given(
    st.integers(min_value=0x2001 << 40, max_value=(0x2001 << 40) + 2**40 - 1),
    st.lists(st.integers(0, 2**72 - 1), min_size=2),
)
def test_a_home_is_one_network(home: int, devices: list[int]) -> None:
    addresses = [str(IPv6Address(home << 72 | device)) for device in devices]

    assert len({network_prefix(address) for address in addresses}) == 1


@given(st.text())
def test_no_text_breaks_the_reading_of_addresses(text: str) -> None:
    assert isinstance(network_prefix(text), str)


# --- Headers ----------------------------------------------------------------------------------------------------------
def test_without_a_proxy_the_header_is_the_visitors_own_and_says_nothing(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0

    meta = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}

    assert visitor_address(meta) == "203.0.113.7"


@given(st.text(alphabet="0123456789abcdef.:, []", max_size=60))
def test_behind_the_proxy_a_forged_header_changes_nothing(forged: str) -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        meta = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": f"{forged}, 203.0.113.7"}

        assert visitor_network(meta) == "203.0.113.0/24"


def test_behind_two_proxies_the_second_last_is_the_visitor(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

    meta = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.7, 10.0.0.2"}

    assert visitor_address(meta) == "203.0.113.7"


@pytest.mark.parametrize("header", ["", " ", ",", None])
def test_a_proxy_that_says_nothing_is_the_visitor_itself(settings: Settings, header: str | None) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    meta = (
        {"REMOTE_ADDR": "203.0.113.7"}
        if header is None
        else {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": header}
    )

    assert visitor_network(meta) == "203.0.113.0/24"


def test_a_unix_socket_has_no_network() -> None:
    assert visitor_network({"REMOTE_ADDR": ""}) == ""
    assert visitor_network({}) == ""


# --- Digests ----------------------------------------------------------------------------------------------------------
def test_a_network_has_one_digest_a_day() -> None:
    today = network_digest(prefix="203.0.113.0/24", day=TODAY)

    assert today is not None
    assert len(today) == 32
    assert today == network_digest(prefix="203.0.113.0/24", day=TODAY)
    assert today != network_digest(prefix="203.0.113.0/24", day=TODAY + timedelta(days=1))
    assert today != network_digest(prefix="203.0.112.0/24", day=TODAY)


def test_a_digest_cannot_be_made_without_the_key(settings: Settings) -> None:
    with_ours = network_digest(prefix="203.0.113.0/24", day=TODAY)
    settings.IDENTITY_KEY = "another key, of at least thirty-two characters"

    assert network_digest(prefix="203.0.113.0/24", day=TODAY) != with_ours


def test_an_unknown_network_has_no_digest() -> None:
    assert network_digest(prefix="", day=TODAY) is None
