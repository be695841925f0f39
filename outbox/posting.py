"""
The only code that posts to an address of somebody else's choosing. It knows no row.

The name is looked up once, every address of it is checked, and the connection goes to one of exactly these: a name that
answers something else a moment later leads nowhere. No redirect is followed and no proxy of the environment asked.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from outbox.webhook_rules import CONNECT_S, LOOKUP_S, TOTAL_S, Trouble
from outbox.webhook_targets import Address, BadUrl, Reach, Target, UrlProblem, parse_target

MOST_ADDRESSES = 3  # tried in turn until one takes the connection: the first may be of a network that is not ours
READ_BYTES = 4096  # of the answer's body, thrown away: a receiver that is done writing sees no broken connection
USER_AGENT = "Keep4o-Webhooks/1"
_BROKEN = (OSError, HTTPError, HTTPException, ValueError)  # whatever the other side may make of a connection
_Found = tuple[Any, ...]  # an entry of getaddrinfo; its fifth part begins with the address


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one attempt ended: with a status, or with the trouble that there was instead of one."""

    status: int | None = None
    trouble: Trouble | None = None
    retry_after: str = ""


class NoAnswer(Exception):
    """There was no answer; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, kw_only=True)
class _Deadline:
    ends_at: float = field(default_factory=lambda: time.monotonic() + TOTAL_S)

    def left(self, most: float) -> float:
        seconds = min(most, self.ends_at - time.monotonic())
        if seconds <= 0:
            raise NoAnswer(Trouble.TIMEOUT)
        return seconds


def look_up(*, target: Target, reach: Reach, within_s: float = LOOKUP_S) -> list[Address]:
    """
    This function will find the addresses of a host, all of which may be reached.

    Raises: NoAnswer: NAME_UNKNOWN, TIMEOUT; ADDRESS_REFUSED if a single one of them may not be reached.
    """
    found = _within(within_s, lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    # A zone («fe80::1%eth0») belongs to link-local addresses only, which are refused in any case.
    addresses = list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    if not addresses or not all(reach.allows(address) for address in addresses):
        raise NoAnswer(Trouble.ADDRESS_REFUSED)
    return addresses


def post(*, target: Target, reach: Reach, headers: dict[str, str], body: bytes) -> Answer:
    """
    This function will post once and tell how that ended; it takes TOTAL_S at most, however slowly the other side writes.

    Args: headers: of the event; those of HTTP itself are added here.
    """
    deadline = _Deadline()
    try:
        addresses = look_up(target=target, reach=reach, within_s=deadline.left(LOOKUP_S))
        connection = _connect(target, addresses[:MOST_ADDRESSES], deadline)
        with _ended_by(deadline, connection):
            return _exchange(connection, target, headers, body)
    except NoAnswer as failure:
        return Answer(trouble=failure.trouble)


def check_url(*, url: str) -> None:
    """
    This function will look a URL's host up and refuse what no event may be posted to. It waits for the DNS: call it
    outside of any transaction. It is checked again at every delivery.

    Raises: BadUrl.
    """
    reach = reach_of_site()
    try:
        look_up(target=parse_target(url=url, reach=reach), reach=reach)
    except NoAnswer as failure:
        is_refused = failure.trouble is Trouble.ADDRESS_REFUSED
        raise BadUrl(UrlProblem.ADDRESS if is_refused else UrlProblem.NAME_UNKNOWN) from failure


def reach_of_site() -> Reach:
    """This function will tell where this site may post to."""
    return Reach(loopback=settings.WEBHOOKS_TO_LOOPBACK, refused=settings.WEBHOOK_REFUSED_NETWORKS)


def _exchange(connection: HTTPConnection, target: Target, headers: dict[str, str], body: bytes) -> Answer:
    own = {
        "host": target.host_header,
        "user-agent": USER_AGENT,
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }
    try:
        connection.request("POST", target.path, body=body, headers={**own, **headers}, preload_content=False)
        response = connection.getresponse()
    except TimeoutError as error:
        raise NoAnswer(Trouble.TIMEOUT) from error
    except _BROKEN as error:
        raise NoAnswer(Trouble.NO_ANSWER) from error
    answer = Answer(status=response.status, retry_after=response.headers.get("retry-after", "")[:100])
    with suppress(*_BROKEN), closing(response):  # the answer is known, whatever becomes of the rest
        response.read(READ_BYTES, decode_content=False)
    return answer


def _connect(target: Target, addresses: list[Address], deadline: _Deadline) -> HTTPConnection:
    trouble = Trouble.CONNECTION_FAILED
    for address in addresses:
        connection = _connection_to(target, address, deadline.left(CONNECT_S))
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            trouble = _trouble_of(error)
            continue
        if connection.sock is not None:
            connection.sock.settimeout(deadline.left(TOTAL_S))
            return connection
    raise NoAnswer(trouble)


def _connection_to(target: Target, address: Address, connect_s: float) -> HTTPConnection:
    """This function will prepare a connection to an address whose certificate must be that of the name."""
    if not target.is_secure:
        return HTTPConnection(str(address), target.port, timeout=connect_s)
    return HTTPSConnection(
        str(address),
        target.port,
        timeout=connect_s,
        ssl_context=ssl.create_default_context(),
        server_hostname=target.host,
    )


def _trouble_of(error: Exception) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble.NOT_SECURE
    if isinstance(error, NewConnectionError):  # though to urllib3 each of them is a kind of time-out
        return Trouble.CONNECTION_FAILED
    return Trouble.TIMEOUT if isinstance(error, TimeoutError | ConnectTimeoutError) else Trouble.CONNECTION_FAILED


@contextmanager
def _ended_by(deadline: _Deadline, connection: HTTPConnection) -> Iterator[None]:
    """
    This function will cut a connection at the deadline: a time-out of a socket begins anew with each byte.

    Raises: NoAnswer(TIMEOUT) in place of what the cut looked like.
    """
    raw = connection.sock
    is_cut = threading.Event()

    def cut() -> None:
        is_cut.set()
        with suppress(OSError):
            socket.socket.shutdown(raw, socket.SHUT_RDWR)  # not TLS's own good-bye

    timer = threading.Timer(deadline.left(TOTAL_S), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except NoAnswer as failure:
        raise NoAnswer(Trouble.TIMEOUT if is_cut.is_set() else failure.trouble) from failure
    finally:
        timer.cancel()
        connection.close()


def _within(seconds: float, ask: Callable[[], list[_Found]]) -> list[_Found]:
    """This function will ask the resolver, which knows no time-out of its own, and wait for no longer than it may."""
    answers: SimpleQueue[list[_Found] | OSError | UnicodeError] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=run, daemon=True, name="webhook-lookup").start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty as error:
        raise NoAnswer(Trouble.TIMEOUT) from error
    if isinstance(answer, Exception):
        raise NoAnswer(Trouble.NAME_UNKNOWN) from answer
    return answer
