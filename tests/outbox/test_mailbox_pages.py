"""/dev/mailbox/: what was sent, readable and clickable, and harmless whatever a mail holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from outbox.mailbox import list_mails

pytestmark = pytest.mark.django_db
LINK = f"{settings.SITE_URL}/en/verify/12.abc~d_e-f/"
EVIL = f'<html><head><title>x</title></head><body><script>alert(1)</script><a href="{LINK}">go</a></body></html>'


def send(
    *, to: str = "alice@example.org", subject: str = "Confirm", text: str = f"Open:\n{LINK}\n", html: str = EVIL
) -> str:
    mail = EmailMultiAlternatives(subject=subject, body=text, to=[to])
    mail.attach_alternative(html, "text/html")
    mail.send()
    return list_mails()[0].name


def test_the_list_shows_what_was_sent(client: Client, mail_dir: Path) -> None:
    name = send(subject="Confirm <your> signature")

    answer = client.get(reverse("dev-mailbox"))

    page = answer.content.decode()
    assert "Confirm &lt;your&gt; signature" in page
    assert "alice@example.org" in page
    assert reverse("dev-mail", args=[name]) in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_empty_mailbox_says_what_to_do(client: Client, mail_dir: Path) -> None:
    assert "No mail yet" in client.get(reverse("dev-mailbox")).content.decode()


def test_the_list_can_be_narrowed_to_one_recipient(client: Client, mail_dir: Path) -> None:
    send(to="alice@example.org")
    send(to="bob@example.org")

    page = client.get(reverse("dev-mailbox"), {"to": "bob@example.org"}).content.decode()

    assert "bob@example.org" in page
    assert "alice@example.org" not in page


@pytest.mark.parametrize("recipient", ["nobody@example.org", "<script>", "\u202e", "'\"; --"])
def test_a_filter_that_finds_nothing_says_so(client: Client, mail_dir: Path, recipient: str) -> None:
    send()

    answer = client.get(reverse("dev-mailbox"), {"to": recipient})

    assert answer.status_code == 200
    assert "No mail to this address" in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_links_in_the_text_open_on_the_host_that_is_being_visited(client: Client, mail_dir: Path) -> None:
    name = send(text=f"Open:\n{LINK}\n<b>&")

    page = client.get(reverse("dev-mail", args=[name]), headers={"host": "localhost:8099"}).content.decode()

    assert 'href="http://localhost:8099/en/verify/12.abc~d_e-f/"' in page
    assert "&lt;b&gt;&amp;" in page


def test_the_html_part_can_do_nothing_to_the_site(client: Client, mail_dir: Path) -> None:
    name = send()

    answer = client.get(reverse("dev-mail-html", args=[name]), headers={"host": "localhost:8099"})

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert not re.search("allow-scripts|allow-same-origin|allow-forms|allow-top-navigation", policy)
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert 'href="http://localhost:8099/en/verify/12.abc~d_e-f/"' in answer.content.decode()


def test_only_the_html_part_may_be_framed(client: Client, mail_dir: Path) -> None:
    answer = client.get(reverse("dev-mail", args=[send()]))

    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in answer.content.decode()


@pytest.mark.parametrize("route", ["dev-mail", "dev-mail-html"])
@pytest.mark.parametrize("name", ["absent", "00000000000000000001-0123456789abcdef", "..", "%2e%2e", "é"])
def test_an_unknown_mail_is_not_found(client: Client, mail_dir: Path, route: str, name: str) -> None:
    assert client.get(reverse(route, args=[name])).status_code == 404


@pytest.mark.parametrize("path", ["dev-mailbox", "dev-mail", "dev-mail-html"])
def test_the_mailbox_is_for_reading(client: Client, mail_dir: Path, path: str) -> None:
    arguments = [] if path == "dev-mailbox" else [send()]

    assert client.post(reverse(path, args=arguments)).status_code == 405


def test_production_has_no_mailbox() -> None:
    script = "import django; django.setup(); from django.urls import resolve; resolve('/dev/mailbox/')"
    production = {
        "DEVELOPMENT": "0",
        "SITE_URL": "https://keep4o.example",
        "DJANGO_SETTINGS_MODULE": "keep4o_site.settings",
    }

    ended = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **production}, check=False, capture_output=True, text=True
    )

    assert "Resolver404" in ended.stderr
