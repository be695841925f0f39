"""Under attack a browser proves work before it signs: in the background, under the strict CSP, and nobody is refused."""

import gzip
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from outbox.remembering import KEEP_S
from tests.browser.chromium import PHONE_PX, complaints, new_visitor
from tests.browser.pages import PETITION
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow
A_PERSON_READS_MS = 2_100  # settings.FORM_MIN_AGE and a little
SWITCHES_WORK_WITHIN_S = 5
Database = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def database(live_demo_site: LiveSite) -> Iterator[Database]:
    with psycopg.connect(live_demo_site.env["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def attacked_site(live_demo_site: LiveSite, database: Database) -> Iterator[LiveSite]:
    """The demo site while staff ask for work; this process turns the switch, the web server's follows."""
    turn(database, "proof_of_work", level=4)
    time.sleep(KEEP_S)  # a process that read the switches just before would serve a page that asks for no work
    wait_until_page_says(live_demo_site, "data-work=")
    yield live_demo_site
    database.execute("DELETE FROM outbox_switch")


def turn(database: Database, name: str, *, level: int = 1, reason: str = "") -> None:
    columns = "(name, is_on, level, reason, changed_at)"
    database.execute(f"INSERT INTO outbox_switch {columns} VALUES (%s, true, %s, %s, now())", [name, level, reason])


def wait_until_page_says(site: LiveSite, words: str) -> float:
    """How long it took until the petition's page said so, in each language and to whoever takes it compressed or not."""
    started = time.monotonic()
    while any(words not in page for page in pages_kept_of(site)):
        assert time.monotonic() - started < SWITCHES_WORK_WITHIN_S
        time.sleep(0.1)
    return time.monotonic() - started


def pages_kept_of(site: LiveSite) -> Iterator[str]:
    """What the site's own cache keeps apart, and for two seconds."""
    for language in ("en", "fr"):
        url = f"{site.url}/{language}/{PETITION}"
        with urlopen(url) as plain, urlopen(Request(url, headers={"Accept-Encoding": "gzip"})) as compressed:
            yield plain.read().decode()
            yield gzip.decompress(compressed.read()).decode()


def reason_of_newest_attempt(database: Database) -> str:
    row = database.execute("SELECT held_reason FROM petitions_pendingsignature ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    visitor = new_visitor(browser)
    yield visitor.new_page()
    visitor.close()


def fill_in(page: Page, site: LiveSite, *, email: str) -> None:
    page.goto(f"{site.url}/en/{PETITION}")
    page.wait_for_timeout(A_PERSON_READS_MS)
    page.locator("#sign [name=name]").fill("Alice")
    page.locator("#sign [name=email]").fill(email)


def send(page: Page) -> None:
    page.locator("#sign button[type=submit]").click()
    page.wait_for_url("**/check-your-email/")


def test_the_work_is_done_while_a_person_types(page: Page, attacked_site: LiveSite, database: Database) -> None:
    with complaints(page) as heard:
        fill_in(page, attacked_site, email="typing@example.org")
        expect(page.locator("[data-work-hint]")).to_be_visible()
        expect(page.locator("input[data-work]")).not_to_have_value("", timeout=30_000)
        send(page)

    assert reason_of_newest_attempt(database) == ""
    assert heard == []


def test_whoever_is_quicker_than_the_work_waits_for_it(page: Page, attacked_site: LiveSite, database: Database) -> None:
    fill_in(page, attacked_site, email="quick@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check-your-email/", timeout=60_000)

    assert reason_of_newest_attempt(database) == ""


def test_a_way_back_brings_no_used_work(page: Page, attacked_site: LiveSite, database: Database) -> None:
    fill_in(page, attacked_site, email="first@example.org")
    send(page)
    page.go_back()
    page.locator("#sign [name=email]").fill("second@example.org")
    send(page)

    assert reason_of_newest_attempt(database) == ""


def test_without_javascript_nobody_is_refused(browser: Browser, attacked_site: LiveSite, database: Database) -> None:
    visitor = new_visitor(browser, scripts=False, width=PHONE_PX)
    page = visitor.new_page()
    fill_in(page, attacked_site, email="no-script@example.org")
    send(page)
    visitor.close()

    assert reason_of_newest_attempt(database) == "no_work"


def test_a_solver_that_does_not_load_stops_nobody(page: Page, attacked_site: LiveSite, database: Database) -> None:
    page.route("**/altcha/**", lambda route: route.abort())
    fill_in(page, attacked_site, email="no-worker@example.org")
    send(page)

    assert reason_of_newest_attempt(database) == "no_work"


def test_the_form_that_asks_for_work_is_accessible(page: Page, attacked_site: LiveSite) -> None:
    page.goto(f"{attacked_site.url}/fr/{PETITION}")
    page.locator("#sign [name=name]").focus()

    assert Axe().run(page).response["violations"] == []
    assert not page.locator("#id_homepage").is_visible()
    assert "homepage" not in page.locator("#sign").aria_snapshot()


def test_a_switch_is_in_force_in_every_process_within_five_seconds(
    live_demo_site: LiveSite, database: Database, page: Page
) -> None:
    def sign() -> tuple[int, str]:
        typed = {"name": "Alice", "email": "paused@example.org"}
        answer = page.request.post(f"{live_demo_site.url}/en/{PETITION}sign/", form=typed)
        return answer.status, answer.text()

    turn(database, "pause_signing", reason="We look at a rush.")
    try:
        wait_until_page_says(live_demo_site, "We look at a rush.")
        time.sleep(KEEP_S)  # the web server has several processes: each reads the switches for itself
        answers = [sign() for _ in range(6)]
    finally:
        database.execute("DELETE FROM outbox_switch")

    assert {status for status, _page in answers} == {409}
    assert all("paused@example.org" in page and "We look at a rush." in page for _status, page in answers)
    wait_until_page_says(live_demo_site, 'name="form_token"')
