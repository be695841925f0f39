"""The mails as authors read them: rendered and sent, in both languages."""

from datetime import timedelta
from pathlib import Path

import pytest

from outbox.delivery import deliver_batch
from outbox.mailbox import StoredMail, list_mails
from testimonials.models import Testimonial
from tests.factories import ALICE, NOW
from tests.testimonials.making import MESSAGE, make_declined, make_draft, make_published, make_unverified

SENT_AT = NOW + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mailbox(mail_dir: Path) -> None:
    """Every mail of these tests is kept in a file."""


def sent(kind: str, language: str) -> StoredMail:
    """The newest mail of a story that has come to where this kind is due."""
    make_story(kind, language)
    assert deliver_batch(now=SENT_AT).failed == 0
    return list_mails()[0]


def make_story(kind: str, language: str) -> Testimonial:
    if kind == "declined":
        return make_declined(page_language=language)
    make = make_unverified if kind == "confirm" else make_published
    draft = make_draft(language=language, display_name="Zénobie")
    return make(draft=draft, email=ALICE, page_language=language)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ["confirm", "published", "declined"])
def test_every_mail_has_help_and_a_way_out_and_no_word_of_the_story(kind: str, language: str) -> None:
    mail = sent(kind, language)

    assert mail.subject
    for part in (mail.text, mail.html):
        assert f"/{language}/my-story/" in part
        assert "116 123" in part
        assert "3114" in part
        assert "winter" not in part
        assert "Zénobie" not in part


@pytest.mark.parametrize("kind", ["confirm", "published", "declined"])
def test_a_plain_mail_is_plain(kind: str) -> None:
    text = sent(kind, "fr").text

    assert "&#x27;" not in text
    assert "&amp;" not in text
    assert "<" not in text


def test_the_first_mail_leads_to_the_button() -> None:
    mail = sent("confirm", "en")

    assert "/en/confirm-story/" in mail.text
    assert "/en/confirm-story/" in mail.html


def test_the_mail_of_a_publication_leads_to_the_story() -> None:
    assert "/en/campaigns/" in sent("published", "en").text


def test_declining_says_what_why_who_and_how_to_object() -> None:
    mail = sent("declined", "en")

    for part in (mail.text, mail.html):
        assert "Personal details of other people" in part
        assert MESSAGE in part
        assert "no machine took part in it" in part
        assert "contact@" in part
