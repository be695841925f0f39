"""Every page of a running demo site, as browsers and assistive technology meet it."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP_PX, LANGUAGES, SMALLEST_PX, complaints
from tests.browser.pages import EVERY_PAGE, PUBLIC_PAGES, Visit
from tests.browser.signing_in import Visitors

pytestmark = pytest.mark.slow
every_page = pytest.mark.parametrize("visit", EVERY_PAGE, ids=lambda visit: visit.name)
every_public_page = pytest.mark.parametrize("visit", PUBLIC_PAGES, ids=lambda visit: visit.name)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def page(visitors: Visitors, visit: Visit) -> Iterator[Page]:
    page = visitors.page_of(visit.account)
    page.set_viewport_size({"width": DESKTOP_PX, "height": 900})
    page.emulate_media(color_scheme="light")
    yield page
    page.goto("about:blank")


@every_language
@every_page
def test_a_page_is_accessible_in_both_themes_and_silent(
    page: Page, visitors: Visitors, visit: Visit, language: str
) -> None:
    with complaints(page) as heard:
        answer = page.goto(f"{visitors.site_url}/{language}/{visit.path}")
        assert answer is not None
        assert answer.status == visit.status
        assert page.locator("html").get_attribute("lang") == language
        assert _violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert _violations(page, {"runOnly": ["color-contrast", "link-in-text-block"]}) == []

    assert [words for words in heard if f"status of {visit.status}" not in words] == []


@every_language
@every_page
def test_a_page_fits_the_smallest_phone(page: Page, visitors: Visitors, visit: Visit, language: str) -> None:
    page.set_viewport_size({"width": SMALLEST_PX, "height": 640})
    page.goto(f"{visitors.site_url}/{language}/{visit.path}")

    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST_PX, _too_wide(page)


@every_public_page
def test_a_public_page_sets_no_cookie(page: Page, visitors: Visitors, visit: Visit) -> None:
    answer = page.request.get(f"{visitors.site_url}/en/{visit.path}", max_redirects=0)

    # The form that signs people in is guarded by a token; whoever only reads or signs a petition gets none.
    assert ("set-cookie" in answer.headers) == visit.path.startswith("accounts/")


def _violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def _too_wide(page: Page) -> list[str]:
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("body *")]
                .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
                .map((element) => element.tagName + "." + element.className).slice(0, 8)"""
        )
    )
