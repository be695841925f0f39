"""Every kind of mail renders in every language, in all three parts, whole and safe."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from jinja2 import DebugUndefined

from outbox.composing import compose
from outbox.mail_templates import mail_templates
from outbox.models import MessagePriority, OutgoingMessage, Payload
from tests.email_samples import EMAIL_SAMPLES
from tests.factories import ALICE

EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"
KINDS = sorted(path.name for path in EMAILS.iterdir() if path.is_dir())
LANGUAGES = [code for code, _ in settings.LANGUAGES]
every_mail = pytest.mark.parametrize(
    ("kind", "language"), [(kind, language) for kind in KINDS for language in LANGUAGES]
)


@pytest.fixture(autouse=True)
def _unresolved_variables_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for language in LANGUAGES:
        templates = mail_templates(language=language, folders=tuple(settings.MAIL_TEMPLATE_DIRS))
        monkeypatch.setattr(templates, "undefined", DebugUndefined)


class Mail:
    """One composed mail, its parts at hand."""

    def __init__(self, kind: str, language: str) -> None:
        sealed = Payload(recipient=ALICE, context=EMAIL_SAMPLES[kind]).sealed()
        composed = compose(OutgoingMessage(pk=1, kind=kind, unique_key="k", language=language, payload_sealed=sealed))
        self.subject, self.text, self.html = composed.subject, composed.body, str(composed.alternatives[0].content)
        self.parsed = composed.message()
        self.page = _Page(self.html)


class _Page(HTMLParser):
    """What of a page matters here: links, tags, what would be fetched from elsewhere, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.language: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.fetched += [str(values[name]) for name in ("src", "srcset", "background") if name in values]
        if tag == "a":
            self.links.add(str(values.get("href")))
        if tag == "html":
            self.language = values.get("lang")


def test_every_kind_has_a_sample() -> None:
    assert set(EMAIL_SAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_three_parts(kind: str) -> None:
    assert {path.name for path in (EMAILS / kind).iterdir()} == {"subject.txt", "body.txt", "body.html"}


@every_mail
def test_a_mail_leaves_no_variable_open(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    assert not re.search(r"{{|{%|\bNone\b", mail.subject + mail.text + mail.html)


@every_mail
def test_a_subject_is_one_plain_line_that_a_phone_can_show(kind: str, language: str) -> None:
    subject = Mail(kind, language).subject

    assert subject == subject.strip()
    assert 0 < len(subject) <= 150
    assert "\n" not in subject
    assert "&amp;" not in subject


@every_mail
def test_the_text_has_every_link_of_the_html(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    assert not {link for link in mail.page.links if link.removeprefix("mailto:") not in mail.text}


@every_mail
def test_the_html_has_every_link_of_the_text(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    in_text = {url.rstrip(".,)") for url in re.findall(r"https?://\S+", mail.text)}
    assert in_text <= mail.page.links


@every_mail
def test_every_link_is_ours_or_was_given(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    given = json.dumps(EMAIL_SAMPLES[kind])
    strange = {link for link in mail.page.links if not link.startswith((settings.SITE_URL, "mailto:"))}
    assert not {link for link in strange if link not in given}


@every_mail
def test_what_opens_with_a_button_stands_there_to_be_copied_too(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    buttons = re.findall(r'class="button"[^>]*><a href="([^"]+)"', mail.html)
    assert all(f">{url}</a>" in mail.html for url in buttons)


@every_mail
def test_the_html_is_ready_for_the_dark(kind: str, language: str) -> None:
    html = Mail(kind, language).html

    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("priority", list(MessagePriority))
def test_only_bulk_mail_can_be_unsubscribed_from(kind: str, priority: MessagePriority) -> None:
    context = {**EMAIL_SAMPLES[kind], "unsubscribe_url": "https://keep4o.example/en/unsubscribe/x/"}
    sealed = Payload(recipient=ALICE, context=context).sealed()

    mail = compose(
        OutgoingMessage(pk=1, kind=kind, unique_key="k", language="en", payload_sealed=sealed, priority=priority)
    )

    is_bulk = priority == MessagePriority.BULK
    assert ("List-Unsubscribe" in mail.extra_headers) == ("List-Unsubscribe-Post" in mail.extra_headers) == is_bulk


@every_mail
def test_links_are_absolute(kind: str, language: str) -> None:
    assert all(re.match(r"https?://|mailto:", link) for link in Mail(kind, language).page.links)


@every_mail
def test_the_text_is_not_escaped_and_the_html_is(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    assert not re.search(r"&(amp|lt|gt|quot|#x27|#39);", mail.text)
    assert "zoe" not in mail.page.tags


@every_mail
def test_the_html_loads_nothing_and_runs_nothing(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    assert mail.page.fetched == []
    assert not {"script", "img", "iframe", "link", "form", "object"} & set(mail.page.tags)
    assert "url(" not in mail.html


@every_mail
def test_the_html_has_one_heading_and_says_its_language(kind: str, language: str) -> None:
    mail = Mail(kind, language)

    assert mail.page.tags.count("h1") == 1
    assert mail.page.language == language


@every_mail
def test_a_mail_survives_the_way_through_a_mail_server(kind: str, language: str) -> None:
    raw = Mail(kind, language).parsed.as_bytes()

    assert all(len(line) <= 998 for line in raw.splitlines())  # RFC 5322 section 2.1.1
