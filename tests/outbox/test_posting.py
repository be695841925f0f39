"""One attempt over a real connection: what is sent, what each way to answer means, and how long it may take."""

import datetime as dt
import ipaddress
import os
import socket
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outbox import posting
from outbox.posting import Answer, post
from outbox.webhook_rules import Trouble
from outbox.webhook_targets import Reach, parse_target
from tests.outbox.webhook_receiver import Receiver, running_receiver

REACH = Reach(loopback=True)
HEADERS = {"content-type": "application/json; charset=utf-8", "webhook-id": "msg_1"}
BODY = '{"type":"petition.opened","data":{"petition":"côte"}}'.encode()


def send(url: str) -> Answer:
    return post(target=parse_target(url=url, reach=REACH), reach=REACH, headers=HEADERS, body=BODY)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    """Nobody waits ten seconds for a test."""
    monkeypatch.setattr(posting, "TOTAL_S", 0.5)
    return 0.5


def test_a_post_carries_the_body_byte_by_byte_and_names_its_host() -> None:
    with running_receiver(Receiver()) as receiver:
        assert send(receiver.url) == Answer(status=204)

    [request] = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/hooks?key=hidden", BODY)
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["user-agent"].startswith("Keep4o-Webhooks/")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert {"cookie", "authorization", "referer"}.isdisjoint(request.headers)


@pytest.mark.parametrize("status", [200, 400, 410, 500])
def test_the_status_is_told_with_retry_after(status: int) -> None:
    with running_receiver(Receiver(status=status, headers={"Retry-After": "17"})) as receiver:
        assert send(receiver.url) == Answer(status=status, retry_after="17")


def test_a_redirect_is_not_followed() -> None:
    with running_receiver(Receiver()) as inner, running_receiver(Receiver(status=307)) as receiver:
        receiver.headers = {"Location": inner.url}

        assert send(receiver.url).status == 307

    assert inner.received == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with running_receiver(Receiver()) as receiver:
        assert send(receiver.url).status == 204


def test_an_endless_body_is_read_for_a_few_kilobytes_only() -> None:
    with running_receiver(Receiver(body_bytes=50_000_000, status=200)) as receiver:
        began = time.monotonic()

        assert send(receiver.url).status == 200
        assert time.monotonic() - began < 2


def test_a_refused_connection_is_told(free_port: int) -> None:
    assert send(f"http://127.0.0.1:{free_port}/").trouble is Trouble.CONNECTION_FAILED


def test_a_receiver_that_dies_in_the_middle_has_not_answered() -> None:
    with running_receiver(Receiver(dies=True)) as receiver:
        assert send(receiver.url).trouble is Trouble.NO_ANSWER


def test_a_receiver_that_thinks_for_too_long_is_left(quick: float) -> None:
    with running_receiver(Receiver(delay_s=1.5)) as receiver:
        began = time.monotonic()

        assert send(receiver.url).trouble is Trouble.TIMEOUT
        assert time.monotonic() - began < quick + 0.5


def test_a_receiver_that_drips_does_not_hold_us_either(quick: float) -> None:
    with running_receiver(Receiver(drips_every_s=0.1)) as receiver:
        began = time.monotonic()

        assert send(receiver.url).trouble is Trouble.TIMEOUT
        assert time.monotonic() - began < quick + 0.5


def test_a_resolver_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LOOKUP_S", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: time.sleep(1))

    assert send("https://slow-dns.example/").trouble is Trouble.TIMEOUT


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    with running_receiver(Receiver()) as receiver:
        entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_options: asked.append(host) or [entry])

        # urllib3 connects by way of getaddrinfo too: it must be given the number, never the name.
        assert send(f"http://localhost:{receiver.port}/").status == 204

    assert asked[0] == "localhost"
    assert set(asked[1:]) <= {"127.0.0.1"}
    assert receiver.received[0].headers["host"] == f"localhost:{receiver.port}"


def test_the_next_address_is_tried_when_the_first_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    with running_receiver(Receiver()) as receiver:

        def both(host: str, port: int, *args: object, **options: object) -> list[object]:
            numbers = ["::1", "127.0.0.1"] if host == "localhost" else [host]
            return [entry for number in numbers for entry in real(number, port, *args, **options)]  # type: ignore[call-overload]

        monkeypatch.setattr(socket, "getaddrinfo", both)

        assert send(f"http://localhost:{receiver.port}/").status == 204


@pytest.mark.parametrize(("names", "answer"), [(["localhost"], Answer(status=204)), (["other.example"], None)])
def test_tls_is_checked_against_the_name_though_the_connection_goes_to_a_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, names: list[str], answer: Answer | None
) -> None:
    certificate = make_certificate(tmp_path / "server.pem", names)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_receiver(Receiver(), certificate=certificate) as receiver:
        assert send(receiver.url) == (answer or Answer(trouble=Trouble.NOT_SECURE))


def test_a_certificate_of_nobodys_is_not_trusted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "server.pem", ["localhost"])
    with running_receiver(Receiver(), certificate=certificate) as receiver:
        assert send(receiver.url).trouble is Trouble.NOT_SECURE

    assert receiver.received == []


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(path: Path, names: list[str]) -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives.append(x509.IPAddress(ipaddress.ip_address("203.0.113.1")))
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(os.urandom(8)))
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
