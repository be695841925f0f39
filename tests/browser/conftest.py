"""Chromium for the tests of what a visitor sees."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import running_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    A running Chromium, stopped with its module.

    Playwright holds an event loop while it runs, under which Django refuses its database: no browser may outlive the
    tests that look at pages.
    """
    with running_chromium() as browser:
        yield browser
