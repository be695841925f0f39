"""Mail of a development site: one file a message, read again by name and by nothing else."""

import stat
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from outbox.mailbox import list_mails, read_mail
from tests.parallel import results_of, run_in_parallel


def send(*, to: str = "alice@example.org", subject: str = "Hello", text: str = "Good day.", html: str = "") -> None:
    mail = EmailMultiAlternatives(subject=subject, body=text, to=[to], headers={"Content-Language": "fr"})
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def test_a_sent_message_is_read_again_as_it_was(mail_dir: Path) -> None:
    send(subject="Déjà prouvé 🌸", text="Là-bas\n", html="<p>Là-bas</p>")

    [mail] = list_mails()
    assert (mail.to, mail.subject, mail.language) == ("alice@example.org", "Déjà prouvé 🌸", "fr")
    assert (mail.text.strip(), mail.html.strip()) == ("Là-bas", "<p>Là-bas</p>")
    assert read_mail(name=mail.name) == mail


def test_the_newest_comes_first(mail_dir: Path) -> None:
    for subject in ("first", "second", "third"):
        send(subject=subject)

    assert [mail.subject for mail in list_mails()] == ["third", "second", "first"]


def test_an_empty_mailbox_is_empty(mail_dir: Path) -> None:
    assert list_mails() == []


def test_mail_is_found_by_its_recipient_in_any_case(mail_dir: Path) -> None:
    send(to="alice@example.org")
    send(to="bob@example.org")

    assert [mail.to for mail in list_mails(recipient="ALICE@example")] == ["alice@example.org"]


def test_no_more_than_a_hundred_are_shown(mail_dir: Path) -> None:
    for _ in range(101):
        send()

    assert len(list_mails()) == 100


def test_a_message_without_html_has_none(mail_dir: Path) -> None:
    send()

    assert list_mails()[0].html == ""


def test_only_the_owner_of_the_machine_may_open_the_folder(mail_dir: Path) -> None:
    send()

    assert stat.S_IMODE(mail_dir.stat().st_mode) == 0o700


def test_a_half_written_file_is_not_shown(mail_dir: Path) -> None:
    send()
    (mail_dir / ".00000000000000000001-0123456789abcdef").write_bytes(b"Subject: half")
    (mail_dir / "notes.eml").write_bytes(b"Subject: not ours")

    assert [mail.subject for mail in list_mails()] == ["Hello"]


@pytest.mark.django_db(transaction=True)
def test_parallel_senders_choose_different_names(mail_dir: Path) -> None:
    results_of(run_in_parallel(send, times=10))

    assert len(list_mails()) == 10


@pytest.mark.parametrize(
    "name", ["", "..", "../secret", "00000000000000000001-0123456789abcdef/../../secret", "x" * 500]
)
def test_a_name_cannot_leave_the_folder(mail_dir: Path, name: str) -> None:
    mail_dir.mkdir()
    (mail_dir.parent / "secret.eml").write_bytes(b"Subject: secret")

    assert read_mail(name=name) is None
