"""Which port the site listens on."""

import errno
import os
import socket

from keep4o_site.stack.terminal import notice
from keep4o_site.stack.trouble import Trouble

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_HIGHEST_PORT = 65535
_TRIES = 50


def choose_port() -> int:
    """This function will return PORT, or 8000, or the next free one after it, naming in a sentence a busy one."""
    wanted = _wanted_port(os.environ.get("PORT", ""))
    for port in range(wanted, min(wanted + _TRIES, _HIGHEST_PORT + 1)):
        if is_free(port):
            if port != wanted:
                notice(f"Port {wanted} is busy, so the site takes {port}.")
            return port
    raise Trouble(f"Port {wanted} and the {_TRIES} after it are busy: choose another with PORT=… ./run.")


def is_free(port: int) -> bool:
    """This function will tell whether a server could listen there; raises Trouble if this user may not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it, so that connections of a site just stopped do not count as busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Trouble(f"This user may not listen on port {port}: choose one above 1023.") from error
            return False
    return True


def any_free_port() -> int:
    """This function will return a port that nobody listens on at this moment, chosen by the kernel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wanted_port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT):
        raise Trouble(f"PORT must be a number from 1 to {_HIGHEST_PORT}, not “{text}”.")
    return int(text)
