"""
A stolen database names nobody: not while a supporter's signature and story stand, and not after they are erased.

The whole way goes through pages and mails; then every table is read as text, and every log line that was written.
"""

import base64
import html
import logging
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from keep4o_site.logs import JsonFormatter
from outbox.delivery import deliver_batch
from outbox.mailbox import list_mails
from testimonials.rules.consents import CURRENT_VERSION
from tests.factories import make_petition
from tests.sign_forms import carried
from tests.testimonials.making import make_campaign

NAME, PEN_NAME, ADDRESS = "Quirina Zebedee", "Plumecachee", "quirina.zebedee@privacy-check.example"
TYPED = (NAME, "Quirina", "Zebedee", PEN_NAME, ADDRESS, "privacy-check")
STORY = "Pendant deux ans, il a été mon premier lecteur. Un matin, il n'était plus là, et personne n'avait prévenu."


def disguises(text: str) -> set[str]:
    """A text as a dump may hold it: plain, in an address, as hexadecimal digits, inside of base64 at any offset."""
    found = set()
    for spelling in {text, text.lower()}:
        data = spelling.encode()
        found |= {spelling, quote(spelling), data.hex()}
        found |= {base64.b64encode(b"\0" * shift + data).decode()[(0, 2, 3)[shift] : -4] for shift in range(3)}
    return {form.lower() for form in found}


def whole_database() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        dump = {}
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            dump[table] = cursor.fetchone()[0].lower()
    return dump


def who_is_named() -> list[tuple[str, str]]:
    dump = whole_database()
    return [(text, table) for text in TYPED for table, rows in dump.items() if any(d in rows for d in disguises(text))]


def mailed_link(part: str) -> str:
    while deliver_batch(now=timezone.now()).sent:
        pass
    mails = " ".join(html.unescape(mail.text) for mail in list_mails(recipient=ADDRESS))
    found = re.search(rf"https?://[^/\s]+(/fr/{part}/[^\s/]+/)", mails)
    assert found is not None, part
    return found[1]


def sign_and_prove(client: Client) -> None:
    typed = {"name": NAME, "email": ADDRESS, "country": "FR", "wants_news": "on"}
    assert client.post("/fr/petitions/x/sign/", {**typed, **carried("x")}).status_code == 303
    assert client.post(mailed_link("verify")).status_code == 303


def tell_and_approve(client: Client, moderator: Client) -> None:
    consents = {"adult": "on", "consent_publish": "on", "consent_version": CURRENT_VERSION}
    typed = {"body": STORY, "language": "fr", "display": "named", "display_name": PEN_NAME, "email": ADDRESS}
    assert client.post("/fr/campaigns/x/stories/new/", {**typed, **consents}).status_code == 303
    assert client.post(mailed_link("confirm-story")).status_code == 303
    queue = moderator.get("/fr/moderate/").text
    path = re.search(r"/fr/moderate/[0-9a-f-]{36}/", queue)
    assert path is not None
    page = moderator.get(path[0]).text
    assert ADDRESS not in page
    seen = dict(re.findall(r'name="(version|revision)" value="([^"]+)"', page))
    assert moderator.post(path[0], {"action": "approve", **seen}).status_code == 302


@pytest.mark.django_db
def test_no_table_and_no_log_line_names_a_supporter(
    mail_dir: Path, client: Client, mona: User, mona_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    team = mona.memberships.get().team
    make_petition(team=team, slug="x")
    make_campaign(team=team, slug="x")
    caplog.set_level(logging.DEBUG)

    sign_and_prove(client)
    tell_and_approve(client, mona_client)
    my_signature, my_story = mailed_link("my-signature"), mailed_link("my-story")
    assert PEN_NAME in client.get("/fr/campaigns/x/stories/").text
    assert who_is_named() == []
    assert mona.email in whole_database()["accounts_user"]  # what is plain, the dump does show

    assert client.post(f"{my_story}withdraw/").status_code == 303
    assert client.post(f"{my_story}erase/").status_code == 303
    assert client.post(f"{my_signature}erase/").status_code == 303
    assert who_is_named() == []
    assert not any("premier lecteur" in rows for rows in whole_database().values())

    formatter = JsonFormatter()
    ours = [record for record in caplog.records if not record.name.startswith("django.db")]
    lines = " ".join(formatter.format(record) for record in ours).lower()
    secrets = [*TYPED, my_signature.split("/")[3], my_story.split("/")[3], "premier lecteur"]
    assert [text for text in secrets if text.lower() in lines] == []
