"""One way to start Chromium and to look at a page as a visitor would: with a language, a theme and a width."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES = ("en", "fr")
DESKTOP_PX, PHONE_PX, SMALLEST_PX = 1280, 390, 320
_ARGUMENTS = [
    "--no-sandbox",  # root may not sandbox; every page opened here is our own
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """This function will find the system's Chromium; None lets Playwright use the one that it installed."""
    named = [os.environ.get("CHROMIUM"), shutil.which("chromium"), shutil.which("chromium-browser")]
    return next((path for path in named if path and Path(path).exists()), None)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        yield browser
        browser.close()


def new_visitor(
    browser: Browser, *, theme: Theme = "light", width: int = DESKTOP_PX, scripts: bool = True, still: bool = True
) -> BrowserContext:
    """This function will open a fresh profile: no cookie, no cache. `still` asks for reduced motion."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        java_script_enabled=scripts,
        reduced_motion="reduce" if still else "no-preference",
        locale="en-GB",
    )


def complaints(page: Page) -> list[str]:
    """This function will start to collect what the console and the page's scripts complain about, CSP included."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard
