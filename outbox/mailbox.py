"""
The mail of a development site: one .eml file a message instead of a mail server, and how to read them again.

Files, since mail is sent by the Celery worker and read by the web server. A name is `<nanoseconds>-<random>`, so that
names sort by time and no two senders ever choose the same one.
"""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NAME = re.compile(r"\d{20}-[0-9a-f]{16}")
SUFFIX = ".eml"
NEWEST_SHOWN = 100
SEARCHED = 1_000


class FileBackend(BaseEmailBackend):
    """Django's door to the mailbox: settings.EMAIL_BACKEND in development."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _store(message.message().as_bytes())
        return len(email_messages)


@dataclass(frozen=True, kw_only=True)
class StoredMail:
    """One message as it was sent, with the name of its file."""

    name: str
    to: str
    subject: str
    language: str
    sent_at: datetime
    text: str
    html: str


def list_mails(*, recipient: str = "") -> list[StoredMail]:
    """
    This function will read the newest messages, the newest first.

    Args:    recipient: an address to look for among the newest 1,000, in any case; "" finds all.
    Returns: 100 at most.
    """
    found: list[StoredMail] = []
    for name in _names()[:SEARCHED]:
        mail = read_mail(name=name)
        if mail and recipient.casefold() in mail.to.casefold():
            found.append(mail)
        if len(found) == NEWEST_SHOWN:
            break
    return found


def read_mail(*, name: str) -> StoredMail | None:
    """This function will read one message, or return None for a name that is not one or no longer there."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (Path(settings.MAIL_DIR) / (name + SUFFIX)).read_bytes()
    except FileNotFoundError:
        return None
    return _parsed(name, message_from_bytes(content, policy=policy.default))


def _store(content: bytes) -> None:
    folder = Path(settings.MAIL_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{secrets.token_hex(8)}"
    unfinished = folder / f".{name}"
    try:
        unfinished.write_bytes(content)
        unfinished.rename(folder / (name + SUFFIX))  # at once: no reader ever meets half a message
    except OSError:  # the disk is full: each try would leave another half there
        unfinished.unlink(missing_ok=True)
        raise


def _names() -> list[str]:
    folder = Path(settings.MAIL_DIR)
    if not folder.is_dir():
        return []
    return sorted((path.stem for path in folder.glob(f"*{SUFFIX}") if NAME.fullmatch(path.stem)), reverse=True)


def _parsed(name: str, mail: ParsedMail) -> StoredMail:
    return StoredMail(
        name=name,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        language=str(mail["Content-Language"] or ""),
        sent_at=datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, tz=UTC),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: Any, subtype: str) -> str:
    body = mail.get_body(preferencelist=(subtype,))
    return str(body.get_content()) if body else ""
