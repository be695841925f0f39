"""Passkeys in a real browser under the real content security policy, with Chromium's virtual authenticator."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from keep4o_site.demo.accounts import DEMO_ACCOUNTS
from tests.browser.chromium import complaints, new_visitor, running_chromium
from tests.live_site import LiveSite

pytestmark = pytest.mark.slow
MONA = next(account for account in DEMO_ACCOUNTS if account.name == "Mona")
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def plug_in_authenticator(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})


def sign_in_with_password(page: Page, site: str) -> None:
    page.goto(f"{site}/en/accounts/login/")
    page.get_by_label("E-mail address").fill(MONA.email)
    page.get_by_label("Password", exact=True).fill(MONA.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/en/accounts/")


def add_passkey(page: Page, site: str) -> None:
    page.goto(f"{site}/en/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(MONA.password)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name of this passkey").fill("Mona's phone")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/2fa/recovery-codes/**")


def sign_in_with_passkey(page: Page, site: str) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.goto(f"{site}/en/accounts/login/?next=/en/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Mona's phone").wait_for()


def rename_and_remove_passkey(page: Page) -> None:
    page.get_by_role("link", name="Rename Mona's phone").click()
    page.get_by_role("link", name="Use a passkey").click()  # a lock changes only after asking who is there
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("Name of this passkey").fill("Old phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("The passkey is removed.").wait_for()


def test_a_passkey_is_added_used_renamed_and_removed(fresh_demo_site: LiveSite, chromium: Browser) -> None:
    site = fresh_demo_site.url.replace("127.0.0.1", "localhost")  # an address is no host a passkey can belong to
    with new_visitor(chromium) as visitor:
        page = visitor.new_page()
        plug_in_authenticator(page)
        with complaints(page) as heard:
            sign_in_with_password(page, site)
            add_passkey(page, site)
            sign_in_with_passkey(page, site)
            rename_and_remove_passkey(page)

    assert heard == []


def test_a_passkey_that_fails_is_explained_in_the_page(live_demo_site: LiveSite, chromium: Browser) -> None:
    site = live_demo_site.url.replace("127.0.0.1", "localhost")
    with new_visitor(chromium) as visitor:
        page = visitor.new_page()
        plug_in_authenticator(page)  # it holds no passkey of this site
        page.goto(f"{site}/en/accounts/login/")

        page.get_by_role("button", name="Sign in with a passkey").click()

        page.get_by_role("alert").get_by_text("Your device did not confirm").wait_for()
