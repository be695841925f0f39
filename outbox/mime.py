"""A mail as the bytes that a mail server takes: two texts, one above the other in worth (RFC 5322, RFC 2046)."""

import time
from email.header import Header
from email.quoprimime import body_encode
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

_LONGEST_LINE_BYTES = 998  # RFC 5322 section 2.1.1
_UNFOLDED_CHARACTERS = 76


class Mail(EmailMultiAlternatives):
    """
    A mail with a plain text, its HTML and one recipient, that writes itself; providers' backends read its fields instead.

    The library would build a tree of objects, draw a boundary, search both texts for it, and parse each header again
    in order to write it: more work than all that the site does for a mail. It needs a Message-ID that nobody can guess.
    """

    @property
    def boundary(self) -> str:
        # Nobody who writes a text can know it, and "=_" stands in no encoded one (RFC 2045).
        return f"=_{self.extra_headers['Message-ID'][1:41]}"

    def message(self, **_options: Any) -> Any:
        return self  # whoever asks for it wants its bytes

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        """This function will write the mail; raises BadHeaderError for a header of more than one line."""
        texts = ((str(self.body), "text/plain"), *((str(text), kind) for text, kind in self.alternatives))
        edge = self.boundary
        parts = "".join(f"--{edge}\n{_part(text, kind)}\n" for text, kind in texts)
        return f"{self._head(edge)}\n{parts}--{edge}--\n".replace("\n", linesep).encode()

    def _head(self, edge: str) -> str:
        return "".join(
            (
                f'Content-Type: multipart/alternative;\n boundary="{edge}"\nMIME-Version: 1.0\n',
                _header("Subject", str(self.subject)),
                _header("From", address_of_sender(self.from_email)),
                _header("To", address_of_recipient(self.to[0])),
                _header("Date", _date(int(time.time()))),
                *(_header(name, value) for name, value in self.extra_headers.items()),
            )
        )


@lru_cache(maxsize=8)
def _date(seconds: int) -> str:
    return formatdate(seconds)


@lru_cache(maxsize=8)
def address_of_sender(name_and_address: str) -> str:
    """This function will write an address as a header takes it, its name encoded; raises ValueError for what is none."""
    return sanitize_address(name_and_address, "utf-8")


def address_of_recipient(address: str) -> str:
    """This function will do the same with a valid address without a name, most of which are what they have to be."""
    is_plain = address.isascii() and address.isprintable() and '"' not in address
    return address if is_plain else sanitize_address(address, "utf-8")


def _header(name: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise BadHeaderError(f"the header {name} has more than one line")
    if len(name) + len(value) > _UNFOLDED_CHARACTERS or not value.isascii():
        value = Header(value, header_name=name).encode()
    return f"{name}: {value}\n"


def _part(text: str, kind: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    encoding, content = "7bit" if text.isascii() else "8bit", text.encode()
    if max(map(len, content.split(b"\n"))) > _LONGEST_LINE_BYTES:
        encoding, text = "quoted-printable", body_encode(content.decode("latin-1"))
    head = f'Content-Type: {kind}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: {encoding}\n'
    return f"{head}\n{text}"
