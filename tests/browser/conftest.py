"""Chromium for the tests of what a visitor sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from keep4o_site.stack.application import Application, wait_for_web
from keep4o_site.stack.children import start
from keep4o_site.stack.places import Places
from keep4o_site.stack.ports import HOST, any_free_port
from keep4o_site.stack.supervision import Family
from tests.browser.chromium import running_chromium
from tests.browser.signing_in import Visitors
from tests.live_site import LiveSite


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    A running Chromium, stopped with its module.

    Playwright holds an event loop while it runs, under which Django refuses its database: no browser may outlive the
    tests that look at pages.
    """
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def visitors(browser: Browser, live_demo_site: LiveSite) -> Visitors:
    return Visitors(browser=browser, site_url=live_demo_site.url)


@pytest.fixture(scope="module")
def production_site(live_demo_site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """
    A second web server over the demo's database, set up as in production: static files hashed and compressed.

    Only the redirect to HTTPS is off, since nobody stands before it to speak TLS.
    """
    port = any_free_port()
    url = f"http://{HOST}:{port}"
    folder: Path = tmp_path_factory.mktemp("production")
    places = Places(var=folder)
    places.make()
    production = {
        "DEVELOPMENT": "0",
        "SECURE_SSL_REDIRECT": "0",
        "SITE_URL": url,
        "STATIC_ROOT": str(folder / "static"),
    }
    application = Application(places=places, env={**live_demo_site.env, **production})
    application.manage("collectstatic", "--no-input", log_name="collectstatic")
    with Family() as family:
        wait_for_web(family.adopt(start(application.web(port))), port)
        yield url
