"""Every page of a running demo site, as browsers and assistive technology meet it."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP_PX, LANGUAGES, SMALLEST_PX, complaints
from tests.browser.pages import EVERY_PAGE, PUBLIC_PAGES, Visit
from tests.browser.secret_pages import NAMES, secret_pages
from tests.browser.signing_in import Visitors
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow
every_page = pytest.mark.parametrize("visit", EVERY_PAGE, ids=lambda visit: visit.name)
every_public_page = pytest.mark.parametrize("visit", PUBLIC_PAGES, ids=lambda visit: visit.name)
every_secret_page = pytest.mark.parametrize("name", NAMES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def behind_links(live_demo_site: LiveSite) -> dict[str, Visit]:
    return secret_pages(live_demo_site)


@pytest.fixture
def page(visitors: Visitors, visit: Visit) -> Iterator[Page]:
    page = visitors.page_of(visit.account)
    yield page
    page.goto("about:blank")  # no poll of one test into the next


@every_language
@every_page
def test_a_page_is_accessible_in_both_themes_and_fits_the_smallest_phone(
    page: Page, visitors: Visitors, visit: Visit, language: str
) -> None:
    _look_at(page, visit, site_url=visitors.site_url, language=language)


@every_language
@every_secret_page
def test_a_page_behind_a_mailed_link_is_accessible_and_fits_too(
    visitors: Visitors, behind_links: dict[str, Visit], name: str, language: str
) -> None:
    page = visitors.page_of(behind_links[name].account)

    _look_at(page, behind_links[name], site_url=visitors.site_url, language=language)


@every_public_page
def test_a_public_page_sets_no_cookie(page: Page, visitors: Visitors, visit: Visit) -> None:
    answer = page.request.get(f"{visitors.site_url}/en/{visit.path}", max_redirects=0)

    # The forms that sign people in are guarded by a token; whoever only reads or signs a petition gets none.
    assert "set-cookie" not in answer.headers or visit.path.startswith("accounts/")


def _look_at(page: Page, visit: Visit, *, site_url: str, language: str) -> None:
    page.set_viewport_size({"width": DESKTOP_PX, "height": 900})
    page.emulate_media(color_scheme="light")
    with complaints(page) as heard:
        answer = visit.go(page, site_url=site_url, language=language)
        assert answer.status == visit.status
        assert page.locator("html").get_attribute("lang") == language
        assert _violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert _violations(page, {"runOnly": ["color-contrast", "link-in-text-block"]}) == []

    assert [words for words in heard if f"status of {visit.status}" not in words] == []
    page.set_viewport_size({"width": SMALLEST_PX, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST_PX, _too_wide(page)


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
