"""The mails of signing as they arrive: both languages, both parts, and the link in each of them."""

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from outbox.delivery import deliver_batch
from outbox.mailbox import StoredMail, list_mails
from tests.factories import ALICE, NOW, make_petition, make_signature
from tests.petitions.signing_steps import proof_tokens, prove_by, sign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_dir")]


def delivered(*, now: datetime = NOW) -> StoredMail:
    deliver_batch(now=now)
    return list_mails()[0]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_proof_mail_holds_the_link_and_what_was_typed(language: str) -> None:
    sign(make_petition(), language=language, name="<b>Zoë</b> & Co", email="A.Lice+x@gmail.com", country="DE")

    mail = delivered()

    country = "Allemagne" if language == "fr" else "Germany"
    link = f"/{language}/verify/{proof_tokens()[0]}/"
    assert (mail.to, mail.language) == ("A.Lice+x@gmail.com", language)
    assert f"Keep it available ({language})" in mail.subject
    assert all(link in part for part in (mail.text, mail.html))
    assert all(country in part for part in (mail.text, mail.html))
    assert "<b>Zoë</b> & Co" in mail.text
    assert "&lt;b&gt;Zoë&lt;/b&gt; &amp; Co" in mail.html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_mail_to_who_has_signed_tells_nothing_that_a_stranger_typed(language: str) -> None:
    petition = make_petition()
    make_signature(petition=petition, email=ALICE)
    sign(petition, language=language, name="Mallory")

    mail = delivered()

    assert all(f"/{language}/my-signature/" in part for part in (mail.text, mail.html))
    assert all("Mallory" not in part for part in (mail.subject, mail.text, mail.html))
    assert "/verify/" not in mail.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_confirmation_holds_the_link_to_the_signature(language: str) -> None:
    sign(make_petition(), language=language)
    prove_by(token=proof_tokens()[0], now=NOW)

    mail = delivered()

    assert all(f"/{language}/my-signature/" in part for part in (mail.text, mail.html))
    assert "Alice Example" in mail.text


def test_a_title_of_two_lines_is_one_line_of_the_subject() -> None:
    petition = make_petition()
    petition.texts.update(title="Keep\r\nBcc: x@example.org")

    sign(petition)

    assert delivered().subject.endswith("Keep Bcc: x@example.org")


def test_the_links_of_the_mails_lead_where_they_say(client: Client) -> None:
    sign(make_petition(), now=timezone.now())
    text = delivered(now=timezone.now()).text

    thanks = client.post(_link(text, "/verify/"))

    mine = _link(delivered(now=timezone.now()).text, "/my-signature/")
    assert thanks.status_code == 303
    assert client.get(_link(text, "/petitions/")).status_code == 200
    assert ALICE in client.get(mine).content.decode()


def _link(text: str, path: str) -> str:
    """The path of the first address in a mail that leads below `path`."""
    address = next(word for word in text.split() if path in word)
    return address[address.index("/", len("https://")) :]
