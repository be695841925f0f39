"""The page that everyone reloads: light, usable by keyboard, complete without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.chromium import PHONE_PX, new_visitor
from tests.browser.pages import PETITION
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow
MOST_REQUESTS = 6
MOST_BYTES = 60_000


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    visitor = new_visitor(browser)
    yield visitor.new_page()
    visitor.close()


def test_a_first_visit_is_six_requests_and_60_kb(page: Page, production_site: str) -> None:
    requests: list[Request] = []

    def remember(request: Request) -> None:
        requests.append(request)

    page.on("requestfinished", remember)
    page.goto(f"{production_site}/en/{PETITION}", wait_until="load")
    page.evaluate("() => document.fonts.ready")
    to_load = [request for request in requests if "/api/" not in request.url]  # the count is asked for later, and again

    sizes = {
        request.url: sum(request.sizes()[part] for part in ("responseBodySize", "responseHeadersSize"))
        for request in to_load
    }

    assert len(to_load) <= MOST_REQUESTS, sizes
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert all(url.startswith((production_site, "data:")) for url in sizes)


def test_every_stop_of_the_keyboard_shows_where_it_is(page: Page, live_demo_site: LiveSite) -> None:
    page.goto(f"{live_demo_site.url}/en/{PETITION}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"

    stops = 0
    while page.evaluate("document.activeElement !== document.body") and stops < 80:
        assert page.evaluate(_FOCUS_IS_VISIBLE), page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
        stops += 1

    assert stops > 10


def test_the_skip_link_leads_to_the_content(page: Page, live_demo_site: LiveSite) -> None:
    page.goto(f"{live_demo_site.url}/en/{PETITION}")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_can_sign_without_javascript_on_a_phone(browser: Browser, fresh_demo_site: LiveSite, language: str) -> None:
    visitor = new_visitor(browser, scripts=False, width=PHONE_PX)
    page = visitor.new_page()
    page.goto(f"{fresh_demo_site.url}/{language}/{PETITION}")
    form = page.locator("#sign form")

    form.locator('[name="name"]').fill("Aïcha Ó Briain-Nguyễn")
    form.locator('[name="email"]').fill(f"no-script-{language}@example.org")
    form.locator('button[type="submit"]').click()

    assert page.url.endswith(f"/{language}/{PETITION}check-your-email/")
    visitor.close()


def test_what_was_typed_is_kept_beside_a_clear_error(page: Page, live_demo_site: LiveSite) -> None:
    page.goto(f"{live_demo_site.url}/en/{PETITION}")
    form = page.locator("#sign form")
    form.locator('[name="name"]').fill("Alice")
    form.locator('[name="email"]').fill("alice@")
    page.evaluate("document.querySelector('#sign form').noValidate = true")
    form.locator('button[type="submit"]').click()

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator('[name="name"]')).to_have_value("Alice")
    expect(page.locator('[name="email"]')).to_have_attribute("aria-invalid", "true")


_FOCUS_IS_VISIBLE = """() => {
    const style = getComputedStyle(document.activeElement);
    const box = document.activeElement.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const marker = document.activeElement.querySelector(".marker");
    const marked = marker && parseFloat(getComputedStyle(marker).strokeWidth) >= 3;
    return box.width > 0 && box.height > 0 && (outlined || Boolean(marked));
}"""


def test_a_number_of_eight_digits_stays_on_one_line_on_a_phone(page: Page, live_demo_site: LiveSite) -> None:
    page.set_viewport_size({"width": PHONE_PX, "height": 900})
    page.goto(f"{live_demo_site.url}/en/{PETITION}numbers/")

    lines = page.locator(".facts--figures dt + dd").evaluate_all(
        """(figures) => figures.map((figure) => {
            figure.textContent = "25\\u00a0000\\u00a0000";
            return Math.round(figure.clientHeight / parseFloat(getComputedStyle(figure).lineHeight));
        })"""
    )

    assert len(lines) >= 4
    assert set(lines) == {1}
