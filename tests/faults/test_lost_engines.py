"""Valkey is lost, a worker is killed: signing goes on, and the count is exact as soon as it can be."""

import email
import email.policy
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.faults.sums import THE_FOUR_SUMS
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow  # each starts the whole product
SLUG = "keep-gpt-4o"
DEADLINE_S = 60
BACKLOG = 45_000  # three folds
# Signatures that all fall into one quarter hour, country and channel in which the demo has some already.
OWE_A_BACKLOG = """
WITH model AS (
    SELECT petition_id, verified_at, country, channel FROM petitions_signature ORDER BY id LIMIT 1
), signed AS (
    INSERT INTO petitions_signature (petition_id, identity_digest, email_sealed, name_sealed, country, wants_news,
        language, channel, signed_at, verified_at)
    SELECT petition_id, sha256(int4send(k)), 'x', 'x', country, false, 'en', channel, verified_at, verified_at
    FROM model, generate_series(1, %(n)s) AS k
    RETURNING petition_id, verified_at, country, channel
)
INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
SELECT petition_id, 1, 'proved', verified_at, date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00Z'),
    country, channel
FROM signed
"""
LOCK_ITS_BUCKET = """
SELECT bucket.id FROM petitions_tallybucket AS bucket
JOIN (SELECT verified_at, country, channel FROM petitions_signature ORDER BY id LIMIT 1) AS model
    ON bucket.starts_at = date_bin('15 minutes', model.verified_at, timestamptz '2000-01-01 00:00Z')
    AND bucket.country = model.country AND bucket.channel = model.channel
FOR UPDATE OF bucket
"""
# Not pg_stat_activity: that is read once in a transaction.
SOMEBODY_WAITS_FOR_ME = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_request: Any) -> None:
        return None


def answer(url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    """The status and, where it sends on, the address to which; otherwise the body."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    opener = urllib.request.build_opener(_StayHere)
    try:
        with opener.open(url, data, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers.get("Location", "")


def eventually(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def count_on(site: LiveSite) -> int:
    status, body = answer(f"{site.url}/api/v1/petitions/{SLUG}/count")
    assert status == 200
    return int(json.loads(body)["count"])


def sign(site: LiveSite, address: str) -> tuple[int, str]:
    """Signs as a person does: with the stamp of the page."""
    token = re.search(r'name="form_token" value="([^"]+)"', answer(f"{site.url}/en/petitions/{SLUG}/")[1])
    assert token is not None
    typed = {"name": "Alice", "email": address, "form_token": token[1]}
    return answer(f"{site.url}/en/petitions/{SLUG}/sign/", typed)


def proof_link(site: LiveSite, address: str) -> str:
    """The link in the mail to an address, once it has arrived."""
    links: list[str] = []

    def has_arrived() -> bool:
        links.extend(_links_to(site, address))
        return bool(links)

    eventually(has_arrived)
    return links[0]


def _links_to(site: LiveSite, address: str) -> Iterator[str]:
    for file in site.mail_dir.glob("*.eml"):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        plain = mail.get_body(("plain",))
        if address in str(mail["To"]) and plain is not None:
            yield from re.findall(r"http://\S+/verify/\S+", plain.get_content())


@pytest.fixture
def database(fresh_demo_site: LiveSite) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(fresh_demo_site.env["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def test_without_valkey_people_sign_and_prove_and_the_count_catches_up(fresh_demo_site: LiveSite) -> None:
    site = fresh_demo_site
    before = count_on(site)
    sign(site, "alice@example.org")
    link = proof_link(site, "alice@example.org")

    site.stop_valkey()
    signed = sign(site, "zoe@example.org")
    shown = answer(link)
    proved = answer(link, {})

    assert signed == (303, f"/en/petitions/{SLUG}/check-your-email/")
    assert shown[0] == 200
    assert proved == (303, f"/en/petitions/{SLUG}/thank-you/")
    assert answer(f"{site.url}/en/petitions/{SLUG}/")[0] == 200
    assert count_on(site) == before

    site.start_valkey()
    eventually(lambda: count_on(site) == before + 1)
    assert answer(proof_link(site, "zoe@example.org"), {})[0] == 303
    eventually(lambda: count_on(site) == before + 2)


def test_a_worker_killed_in_the_middle_of_a_fold_loses_and_doubles_nothing(
    fresh_demo_site: LiveSite, database: psycopg.Connection[Any]
) -> None:
    site = fresh_demo_site
    before = count_on(site)

    with database.transaction():
        # The fold deletes its entries, then waits for this row in the middle of its work.
        database.execute(LOCK_ITS_BUCKET)
        with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as other:
            other.execute(OWE_A_BACKLOG, {"n": BACKLOG})
        eventually(lambda: _scalar(database, SOMEBODY_WAITS_FOR_ME) > 0)
        site.kill_worker()
        assert count_on(site) == before
    site.start_worker()

    eventually(lambda: count_on(site) == before + BACKLOG)
    expected = before + BACKLOG
    assert database.execute(THE_FOUR_SUMS).fetchone() == (expected, 0, expected, expected)
    # One message for each milestone and organiser, however often the fold was begun.
    milestones = _scalar(database, "SELECT count(*) FROM petitions_milestone WHERE threshold >= 20000")
    messages = _scalar(database, "SELECT count(*) FROM outbox_outgoingmessage WHERE kind = 'milestone_reached'")
    assert (milestones, messages) == (3, 3)


def _scalar(database: psycopg.Connection[Any], statement: str) -> int:
    row = database.execute(statement).fetchone()
    assert row is not None
    return int(row[0])
