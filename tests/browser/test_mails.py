"""Each mail in a real browser, light and dark: legible, accessible, narrow enough for the smallest phone, and silent."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.chromium import LANGUAGES, SMALLEST_PX
from tests.browser.mails import mail_html
from tests.email_samples import EMAIL_SAMPLES

pytestmark = pytest.mark.slow
every_mail = pytest.mark.parametrize("kind", sorted(EMAIL_SAMPLES))
every_language = pytest.mark.parametrize("language", LANGUAGES)
# A mail program has its own landmarks around the message.
_RULES = {"rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@every_language
@every_mail
def test_a_mail_is_accessible_by_day_and_by_night_and_fits_the_smallest_phone(
    page: Page, kind: str, language: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": SMALLEST_PX, "height": 640})

    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.set_content(mail_html(kind=kind, language=language))
        found = Axe().run(page, options=_RULES).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["target"]) for rule in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST_PX

    assert asked == []


@pytest.mark.parametrize("kind", ["verify_signature", "milestone_news"])
def test_a_mail_is_dark_where_its_reader_wants_it_dark(page: Page, kind: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_content(mail_html(kind=kind, language="en"))

    ground = page.locator(".sheet").evaluate("sheet => getComputedStyle(sheet).backgroundColor")
    ink = page.locator("h1").evaluate("heading => getComputedStyle(heading).color")

    assert (ground, ink) == ("rgb(33, 30, 35)", "rgb(236, 232, 237)")


@every_mail
def test_a_mail_is_readable_where_styles_are_taken_away(page: Page, kind: str) -> None:
    html = mail_html(kind=kind, language="en")
    page.set_content(html.partition("<style>")[0] + html.partition("</style>")[2])

    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
