"""The disk under var/ is full: the site answers, nothing is lost, and what was owed leaves once there is room again."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.faults.visitors import BEHIND_PROXY, PETITION, SLUG, Visitor, eventually, mailed_links, signing_form
from tests.live_site import LiveSite, demo_template, live_site_over

pytestmark = pytest.mark.slow
COUNT = f"/api/v1/petitions/{SLUG}/count"
PUT_OFF = "SELECT count(*) FROM outbox_outgoingmessage WHERE state = 'due' AND last_error <> ''"
TIME_PASSES = "UPDATE outbox_outgoingmessage SET due_at = created_at WHERE state = 'due'"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, of some megabytes."""
    mounting = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "keep4o-tests", str(tmp_path)]
    if os.geteuid() or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root, and not in every container, may mount a disk that is small enough to fill")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.fixture
def site(small_disk: Path) -> Iterator[LiveSite]:
    with live_site_over(template=demo_template(), var=small_disk, web_env=BEHIND_PROXY) as site:
        yield site


def test_a_full_disk_stops_no_visitor_and_loses_no_mail(site: LiveSite, small_disk: Path) -> None:
    form = signing_form(site)
    early, late = Visitor(site_url=site.url), Visitor(site_url=site.url)
    early.sign(form)
    eventually(lambda: early.address in mailed_links(site))

    with full(small_disk):
        signed = late.sign(form)
        proved = early.prove(mailed_links(site)[early.address])
        eventually(lambda: ask_database(site, PUT_OFF) > 0)
        pages = [early.ask("GET", path).status for path in (PETITION, "/fr/", "/dev/mailbox/", COUNT)]
        eventually(lambda: ask_database(site, "SELECT count(*) FROM petitions_tallyentry") == 0)
    ask_database(site, f"{TIME_PASSES} RETURNING 1")  # an outage puts mails off by half a minute

    assert (signed.status, proved.status, pages) == (303, 303, [200] * 4)
    eventually(lambda: late.address in mailed_links(site))
    assert not list(site.mail_dir.glob(".*")), "halves of mails are left"


def test_a_valkey_whose_memory_is_full_stops_nobody(site: LiveSite) -> None:
    form = signing_form(site)
    visitor = Visitor(site_url=site.url)
    with redis.Redis.from_url(site.env["REDIS_URL"]) as valkey:
        valkey.config_set("maxmemory", "1")
        signed = visitor.sign(form)
        asked = visitor.post("/en/accounts/login/", {"login": "x@example.org", "password": "x"})
        valkey.config_set("maxmemory", "0")

    assert (signed.status, asked.status) == (303, 403)  # no cookie, no token: but an answer
    eventually(lambda: visitor.address in mailed_links(site))


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """This function will leave no byte on a disk until the block ends."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            with contextlib.suppress(_NoSpace):
                while True:
                    _write(file.fileno(), b"x" * size)
    try:
        yield
    finally:
        filler.unlink()


class _NoSpace(Exception):
    """The disk is full."""


def _write(descriptor: int, content: bytes) -> None:
    try:
        os.write(descriptor, content)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise _NoSpace from error


def ask_database(site: LiveSite, query: str) -> int:
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as database:
        row = database.execute(query).fetchone()  # type: ignore[arg-type]  # constants of this file
    return int(row[0]) if row else 0
