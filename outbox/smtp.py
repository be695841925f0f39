"""
Django's connection to a mail server, over which a mail leaves in one flight instead of four (RFC 2920).

Sender, recipient and the question for the text go out together where the server allows it, as nearly each does, and with
the text of the mail before them: so far away as a server may be, a connection carries four times as many mails. What it
answers means what it means one by one.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from smtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    quoteaddr,
)
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from outbox.mime import address_of_recipient, address_of_sender
from outbox.rules import SERVICE_CLOSING

_TAKEN = (250, 251)
_GO_ON = 354
_Answer = tuple[int, bytes]


@dataclass(frozen=True, kw_only=True)
class _Outgoing:
    """A mail as its server gets it."""

    mail: EmailMessage
    sender: str
    recipient: str
    content: bytes

    def envelope(self, server: SMTP) -> bytes:
        size = f" size={len(self.content)}" if server.has_extn("size") else ""
        return f"MAIL FROM:{self.sender}{size}\r\nRCPT TO:{self.recipient}\r\nDATA\r\n".encode("ascii")

    @property
    def text(self) -> bytes:
        # A dot that begins a line would end the text (RFC 5321 section 4.5.2).
        doubled = self.content.replace(b"\n.", b"\n..")
        return (b"." if doubled.startswith(b".") else b"") + doubled + b".\r\n"


class EmailBackend(smtp.EmailBackend):
    """Django's door to mail servers: settings.EMAIL_BACKEND. For mails to one recipient, whose address is valid."""

    _announced: _Outgoing | None = None
    # Its envelope has left with the mail before it, and the answers are still to be read.
    _begun: _Outgoing | None = None

    def announce(self, mail: EmailMessage) -> None:
        """
        This function will let the envelope of a mail travel with the mail that is sent before it.

        Nothing is owed by it: if another mail is sent then, or none, the server is left and never gets this one's text.
        Raises: ValueError for an address or a header that no server takes.
        """
        self._announced = _outgoing(mail)

    def close(self) -> None:
        if self._begun is not None:
            self._leave()
        super().close()

    def _send(self, email_message: EmailMessage) -> bool:
        if self._begun is not None and self._begun.mail is not email_message:
            self._leave()
            self.open()
        begun, following = self._begun, self._announced
        self._begun = self._announced = None
        server: Any = self.connection  # open: the library sees to it
        outgoing = begun or _outgoing(email_message)
        server.ehlo_or_helo_if_needed()
        if not server.has_extn("pipelining"):
            server.sendmail(outgoing.sender, [outgoing.recipient], outgoing.content)
            return True
        if begun is None:
            server.send(outgoing.envelope(server))
        _await_consent(server, outgoing)
        self._hand_over(server, outgoing, following)
        return True

    def _hand_over(self, server: SMTP, outgoing: _Outgoing, following: _Outgoing | None) -> None:
        """This function will give a server the text that it asked for, and the envelope of the next mail."""
        server.send(outgoing.text + (following.envelope(server) if following else b""))
        answer = server.getreply()
        if answer[0] != SERVICE_CLOSING:
            self._begun = following
        if answer[0] in _TAKEN:
            return
        if self._begun is None:
            _begin_anew(server, answer[0])
        raise SMTPDataError(*answer)

    def _leave(self) -> None:
        """This function will hang up without a word: the server waits for a text, and would take each for one."""
        connection: Any = self.connection
        self.connection = self._begun = None
        if connection is not None:
            connection.close()


def _outgoing(mail: EmailMessage) -> _Outgoing:
    [to] = mail.recipients()
    message: Any = mail.message()  # of Django's own kind, or one that writes itself
    return _Outgoing(
        mail=mail,
        sender=_envelope_sender(mail.from_email),
        recipient=f"<{address_of_recipient(to)}>",
        content=message.as_bytes(linesep="\r\n"),
    )


@lru_cache(maxsize=8)
def _envelope_sender(name_and_address: str) -> str:
    return quoteaddr(address_of_sender(name_and_address))


def _await_consent(server: SMTP, outgoing: _Outgoing) -> None:
    """This function will raise what smtplib's `sendmail` does when a server takes no text from a sender to a recipient."""
    answers = _answers(server)
    error = _refusal_in(answers, outgoing.sender, outgoing.recipient)
    if error is None:
        return
    if answers[-1][0] == _GO_ON:  # it waits for the text of a mail that goes to nobody (RFC 2920 section 3.1)
        server.send(b".\r\n")
        answers.append(server.getreply())
    _begin_anew(server, answers[-1][0])
    raise error


def _answers(server: SMTP) -> list[_Answer]:
    """This function will read the answers to a mail's envelope: three, or as many as came before the server hung up."""
    answers: list[_Answer] = []
    with suppress(SMTPServerDisconnected):
        while len(answers) < 3:
            answers.append(server.getreply())
    if all(code in _TAKEN for code, _words in answers):
        raise SMTPServerDisconnected("Connection unexpectedly closed")
    return answers


def _refusal_in(answers: list[_Answer], sender: str, recipient: str) -> SMTPException | None:
    by_sender, *others = answers
    if by_sender[0] not in _TAKEN:
        return SMTPSenderRefused(*by_sender, sender)
    by_recipient, *others = others
    if by_recipient[0] not in _TAKEN:
        return SMTPRecipientsRefused({recipient: by_recipient})
    [to_begin] = others
    return None if to_begin[0] == _GO_ON else SMTPDataError(*to_begin)


def _begin_anew(server: SMTP, code: int) -> None:
    """This function will make a server forget a mail, and leave one that said that it hangs up."""
    if code == SERVICE_CLOSING:
        server.close()
    else:
        with suppress(SMTPServerDisconnected):
            server.rset()
