"""
Signing on one device and confirming on a phone without scripts, in another browser, after putting right what was typed.

Everything is real: PostgreSQL, Valkey, the web server, the worker, its clock, and Chromium.
"""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.chromium import PHONE_PX, new_visitor, running_chromium
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow
SLUG = "keep-gpt-4o"
PATIENCE_S = 20
_ASK_FOR_MORE = f"""
from petitions.models import Petition
Petition.objects.filter(slug={SLUG!r}).update(asks_postcode=True, asks_comment=True)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as running:
        yield running


def test_what_was_typed_wrong_is_put_right_on_a_phone_and_counts(browser: Browser, fresh_demo_site: LiveSite) -> None:
    site = fresh_demo_site
    site.manage("shell", "--verbosity", "0", "-c", _ASK_FOR_MORE)
    desk = new_visitor(browser, scripts=False).new_page()
    phone = new_visitor(browser, scripts=False, width=PHONE_PX).new_page()

    _sign(desk, site)
    phone.goto(_link_in_mail(phone, site))
    _assert_fits_and_holds_what_was_typed(phone)
    _send_a_mistake(phone)
    _put_right_and_prove(phone)

    confirmation = _mail_text(phone, site, subject="Your signature counts")
    assert "Ada Lovelace" in confirmation
    assert "Adda" not in confirmation


def _sign(page: Page, site: LiveSite) -> None:
    page.goto(f"{site.url}/en/petitions/{SLUG}/")
    page.locator("input[name=name]").fill("Adda Lovelace")
    page.locator("input[name=email]").fill("ada@example.org")
    page.locator("textarea[name=comment]").fill("It helped me.")
    for required in page.locator("#sign select[required], #sign fieldset:has([required])").all():
        _answer(required)
    page.locator("#sign form button[type=submit]").click()
    page.wait_for_url("**/check-your-email/")


def _answer(field: Locator) -> None:
    """Whatever else the demo's petition insists on: its last answer."""
    buttons = field.locator("input[type=radio]")
    if buttons.count():
        buttons.last.check()
    else:
        field.select_option(index=1)


def _link_in_mail(page: Page, site: LiveSite) -> str:
    _open_mail(page, site, subject="Confirm your signature")
    address = page.locator("a[href*='/verify/']").first.get_attribute("href")
    assert address is not None
    return address


def _mail_text(page: Page, site: LiveSite, *, subject: str) -> str:
    _open_mail(page, site, subject=subject)
    return page.locator("main").inner_text()


def _open_mail(page: Page, site: LiveSite, *, subject: str) -> None:
    """Without scripts the mailbox does not grow by itself: it is loaded again until the mail is there."""
    deadline = time.monotonic() + PATIENCE_S
    mail = page.locator(".mailbox__subject a", has_text=subject)
    while time.monotonic() < deadline:
        page.goto(f"{site.url}/dev/mailbox/?to=ada@example.org")
        if mail.count():
            mail.first.click()
            return
    raise AssertionError(f"no mail about {subject!r}")


def _assert_fits_and_holds_what_was_typed(page: Page) -> None:
    assert page.locator("html").evaluate("page => page.scrollWidth") <= PHONE_PX
    assert page.locator("input[name=name]").input_value() == "Adda Lovelace"
    assert page.locator("textarea[name=comment]").input_value() == "It helped me."


def _send_a_mistake(page: Page) -> None:
    page.locator("input[name=name]").fill("")
    page.locator("textarea[name=comment]").fill("It helped me twice.")
    page.get_by_role("button", name="Confirm my signature").click()
    page.locator(".error-summary").wait_for()
    assert page.locator("textarea[name=comment]").input_value() == "It helped me twice."


def _put_right_and_prove(page: Page) -> None:
    page.locator("input[name=name]").fill("Ada Lovelace")
    page.get_by_label("My initials").check()
    page.get_by_role("button", name="Confirm my signature").click()
    page.wait_for_url("**/thank-you/")
