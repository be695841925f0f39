"""
Django's connection to a mail server, over which a mail leaves in two flights instead of four (RFC 2920).

Sender, recipient and the question for the text go out together where the server allows it, as nearly each does: so far
away as a server may be, a connection carries twice as many mails. What it answers means what it means one by one.
"""

import re
from contextlib import suppress
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
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)  # would end the text (RFC 5321 section 4.5.2)
_Answer = tuple[int, bytes]


class EmailBackend(smtp.EmailBackend):
    """Django's door to mail servers: settings.EMAIL_BACKEND. For mails to one recipient, whose address is valid."""

    def _send(self, email_message: EmailMessage) -> bool:
        server: Any = self.connection  # open: the library sees to it
        sender = _envelope_sender(email_message.from_email)
        [to] = email_message.recipients()
        recipient = f"<{address_of_recipient(to)}>"
        message: Any = email_message.message()  # of Django's own kind, or one that writes itself
        content = message.as_bytes(linesep="\r\n")
        server.ehlo_or_helo_if_needed()
        if server.has_extn("pipelining"):
            _hand_over(server, sender, recipient, content)
        else:
            server.sendmail(sender, [recipient], content)
        return True


@lru_cache(maxsize=8)
def _envelope_sender(name_and_address: str) -> str:
    return quoteaddr(address_of_sender(name_and_address))


def _hand_over(server: SMTP, sender: str, recipient: str, content: bytes) -> None:
    """This function will do what smtplib's `sendmail` does, and raise the same errors, with fewer pauses."""
    size = f" size={len(content)}" if server.has_extn("size") else ""
    server.send(f"MAIL FROM:{sender}{size}\r\nRCPT TO:{recipient}\r\nDATA\r\n")
    answers = _answers(server)
    error = _refusal_in(answers, sender, recipient)
    if error is None:
        server.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        answers.append(server.getreply())
        if answers[-1][0] in _TAKEN:
            return
        error = SMTPDataError(*answers[-1])
    elif answers[-1][0] == _GO_ON:  # it waits for the text of a mail that goes to nobody (RFC 2920 section 3.1)
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
