"""One way to start Chromium and to look at a page as a visitor would: with a language, a theme and a width."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, StorageState, sync_playwright

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
    browser: Browser,
    *,
    theme: Theme = "light",
    width: int = DESKTOP_PX,
    scripts: bool = True,
    kept: StorageState | None = None,
) -> BrowserContext:
    """This function will open a fresh profile that asks for reduced motion: no cache, and no cookie but those `kept`."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
        storage_state=kept,
        locale="en-GB",
    )


@contextmanager
def complaints(page: Page) -> Iterator[list[str]]:
    """This function will collect what the console and the page's scripts complain about meanwhile, CSP included."""
    heard: list[str] = []

    def hear_message(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            heard.append(message.text)

    def hear_error(error: Error) -> None:
        heard.append(str(error))

    page.on("console", hear_message)
    page.on("pageerror", hear_error)
    yield heard
    page.remove_listener("console", hear_message)
    page.remove_listener("pageerror", hear_error)
