"""Visitors of a demo site: without an account, or signed in through the real form with a demo account's password."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from keep4o_site.demo.accounts import DEMO_ACCOUNTS
from tests.browser.chromium import DESKTOP_PX, Theme, new_visitor

_PASSWORDS = {account.email: account.password for account in DEMO_ACCOUNTS}


@dataclass
class Visitors:
    """Opens profiles; each account signs in once, later profiles start with what its browser kept."""

    browser: Browser
    site_url: str
    _kept: dict[str, StorageState] = field(default_factory=dict)
    _pages: dict[str, Page] = field(default_factory=dict)

    def page_of(self, account: str) -> Page:
        """This function will give the one page of an account that many tests share, since a new profile costs time."""
        if account not in self._pages:
            self._pages[account] = self.open(account=account).new_page()
        return self._pages[account]

    def open(self, *, account: str = "", theme: Theme = "light", width: int = DESKTOP_PX) -> BrowserContext:
        return new_visitor(self.browser, theme=theme, width=width, kept=self._kept_of(account) if account else None)

    def _kept_of(self, account: str) -> StorageState:
        if account not in self._kept:
            self._kept[account] = self._sign_in(account)
        return self._kept[account]

    def _sign_in(self, account: str) -> StorageState:
        visitor = new_visitor(self.browser)
        page = visitor.new_page()
        page.goto(f"{self.site_url}/en/accounts/login/")
        page.get_by_label("E-mail", exact=False).first.fill(account)
        page.locator('input[type="password"]').fill(_PASSWORDS[account])
        page.locator('main form button[type="submit"]').first.click()
        page.wait_for_load_state()
        assert "/accounts/login/" not in page.url, f"{account} could not sign in"
        state = visitor.storage_state()
        visitor.close()
        return state
