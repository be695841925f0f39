"""Where nobody may lead us: by how a URL is written, by what its name answers, and by a name that changes its mind."""

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pytest_django import Settings

from outbox.posting import check_url, post
from outbox.webhook_rules import Trouble
from outbox.webhook_targets import MAX_URL_CHARS, BadUrl, Reach, UrlProblem, parse_target, shown_url

PRODUCTION = Reach(loopback=False)
DEVELOPMENT = Reach(loopback=True)
PUBLIC = "93.184.216.34"
Answers = dict[str, list[list[str]]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """The DNS of a test: each name's answers in turn, the last one for ever. Numbers are read as the system reads them."""
    table: Answers = {}
    real: Callable[..., Any] = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[tuple[Any, ...]]:
        if host not in table:
            return list(real(host, port, *args, **{**options, "flags": socket.AI_NUMERICHOST}))
        answers = table[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for address in found for entry in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.8.8",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_no_address_of_an_inner_network_is_allowed(address: str) -> None:
    assert not PRODUCTION.allows(ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_open_internet_are_allowed(address: str) -> None:
    assert PRODUCTION.allows(ip_address(address))


def test_an_operator_may_refuse_networks_of_their_own() -> None:
    reach = Reach(loopback=False, refused=(ip_network("93.184.216.0/24"), ip_network("2606:4700::/32")))

    assert not reach.allows(ip_address(PUBLIC))
    assert not reach.allows(ip_address("::ffff:93.184.216.1"))
    assert not reach.allows(ip_address("2606:4700::1"))
    assert reach.allows(ip_address("1.1.1.1"))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", UrlProblem.UNREADABLE),
        ("hooks", UrlProblem.UNREADABLE),
        ("https://", UrlProblem.UNREADABLE),
        ("https://exa mple.org/", UrlProblem.UNREADABLE),
        ("https://example.org/a\r\nHost: x", UrlProblem.UNREADABLE),
        ("https://example.org\\@127.0.0.1/", UrlProblem.UNREADABLE),
        ("https://example.org/#part", UrlProblem.UNREADABLE),
        ("https://example.org:99999/", UrlProblem.UNREADABLE),
        ("https://[::1/", UrlProblem.UNREADABLE),
        ("https://-bad-.example/", UrlProblem.UNREADABLE),
        ("https://example.org/" + "a" * MAX_URL_CHARS, UrlProblem.UNREADABLE),
        ("http://example.org/", UrlProblem.NOT_SECURE),
        ("http://127.0.0.1/", UrlProblem.NOT_SECURE),
        ("ftp://example.org/", UrlProblem.NOT_SECURE),
        ("file://example.org/etc/passwd", UrlProblem.NOT_SECURE),
        ("gopher://example.org/", UrlProblem.NOT_SECURE),
        ("https://user:pass@example.org/", UrlProblem.CREDENTIALS),
        ("https://@example.org/", UrlProblem.CREDENTIALS),
        ("https://example.org:22/", UrlProblem.PORT),
        ("https://example.org:8080/", UrlProblem.PORT),
        ("https://example.org:0/", UrlProblem.PORT),
    ],
)
def test_a_url_that_is_none_of_ours_is_refused_with_its_reason(url: str, problem: UrlProblem) -> None:
    with pytest.raises(BadUrl) as refused:
        parse_target(url=url, reach=PRODUCTION)

    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("url", "host", "host_header", "path"),
    [
        ("https://example.org", "example.org", "example.org", "/"),
        ("https://Example.ORG:443/a?b=c&d", "example.org", "example.org", "/a?b=c&d"),
        ("https://example.org:8443/a", "example.org", "example.org:8443", "/a"),
        ("https://bücher.example/é?ü=1", "xn--bcher-kva.example", "xn--bcher-kva.example", "/%C3%A9?%C3%BC=1"),
        ("https://[2606:4700::1111]/", "2606:4700::1111", "[2606:4700::1111]", "/"),
        ("https://example.org./", "example.org", "example.org", "/"),
    ],
)
def test_a_url_is_taken_apart_once(url: str, host: str, host_header: str, path: str) -> None:
    target = parse_target(url=url, reach=PRODUCTION)

    assert (target.host, target.host_header, target.path) == (host, host_header, path)


def test_plain_http_leads_to_this_machine_only_and_in_development_only() -> None:
    assert parse_target(url="http://127.0.0.1:9000/x", reach=DEVELOPMENT).port == 9000
    assert not parse_target(url="http://localhost/x", reach=DEVELOPMENT).is_secure
    for url in ("http://example.org/", "http://10.0.0.1/", "http://localhost.example/"):
        with pytest.raises(BadUrl):
            parse_target(url=url, reach=DEVELOPMENT)


def test_a_query_is_never_shown() -> None:
    assert shown_url("https://example.org/a?token=x") == "https://example.org/a?…"
    assert shown_url("https://example.org/a") == "https://example.org/a"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_way_to_write_an_inner_address_gets_through(settings: Settings, names: Answers, host: str) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False

    with pytest.raises(BadUrl) as refused:
        check_url(url=f"https://{host}/")

    assert refused.value.problem in (UrlProblem.ADDRESS, UrlProblem.UNREADABLE)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (["10.0.0.1"], UrlProblem.ADDRESS),
        (["169.254.169.254"], UrlProblem.ADDRESS),
        (["fd00::1"], UrlProblem.ADDRESS),
        (["::ffff:10.0.0.1"], UrlProblem.ADDRESS),
        ([PUBLIC, "192.168.0.1"], UrlProblem.ADDRESS),
        ([], UrlProblem.ADDRESS),
    ],
)
def test_a_name_that_answers_a_single_inner_address_is_refused(
    names: Answers, answer: list[str], problem: UrlProblem
) -> None:
    names["receiver.example"] = [answer]

    with pytest.raises(BadUrl) as refused:
        check_url(url="https://receiver.example/")

    assert refused.value.problem is problem


def test_a_name_that_is_not_found_says_so(names: Answers) -> None:
    with pytest.raises(BadUrl) as refused:
        check_url(url="https://no-such-name.example/")

    assert refused.value.problem is UrlProblem.NAME_UNKNOWN


def test_a_public_name_is_taken(names: Answers) -> None:
    names["receiver.example"] = [[PUBLIC]]

    check_url(url="https://receiver.example/hooks?x=1")


def test_a_name_that_leads_inside_after_it_was_saved_is_posted_to_never(settings: Settings, names: Answers) -> None:
    names["receiver.example"] = [[PUBLIC], ["10.0.0.1"]]
    check_url(url="https://receiver.example/")
    target = parse_target(url="https://receiver.example/", reach=PRODUCTION)

    answer = post(target=target, reach=PRODUCTION, headers={}, body=b"{}")

    assert answer.trouble is Trouble.ADDRESS_REFUSED
