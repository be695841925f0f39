"""
Photographs every page of the demo site at SITE_URL and every mail: both languages, both themes, desktop and phone.

`./run screenshots` starts the site and this. The few pictures that the README shows go to docs/screenshots/, all the
others to var/screenshots/.
"""

import argparse
import os
import sys
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keep4o_site.settings")

import django  # noqa: E402 # the path and the settings come first

django.setup()

from tests.browser.chromium import DESKTOP_PX, LANGUAGES, PHONE_PX, THEMES, Theme, running_chromium  # noqa: E402
from tests.browser.mails import photograph_mails  # noqa: E402
from tests.browser.pages import EVERY_PAGE, Visit  # noqa: E402
from tests.browser.signing_in import Visitors  # noqa: E402

# (page, language, theme, width): what a reader of the README sees.
SHOWN = {
    ("petition", "en", "light", DESKTOP_PX),
    ("petition", "fr", "dark", PHONE_PX),
    ("timeline", "en", "light", DESKTOP_PX),
    ("stories", "fr", "light", DESKTOP_PX),
}
"""The README shows these from the top of the page down to one screen; the others are photographed whole."""


def main() -> None:
    arguments = _arguments()
    with running_chromium() as browser:
        visitors = Visitors(browser=browser, site_url=arguments.site)
        for width, theme in product((DESKTOP_PX, PHONE_PX), THEMES):
            _photograph_all(visitors, arguments, theme=theme, width=width)
        if arguments.only in ("", "mails"):
            photograph_mails(browser, folder=arguments.folder / "mails")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default=os.environ.get("SITE_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "screenshots")
    parser.add_argument("--shown-folder", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", default="", help="the name of one page, or mails")
    return parser.parse_args()


def _photograph_all(visitors: Visitors, arguments: argparse.Namespace, *, theme: Theme, width: int) -> None:
    visits = [visit for visit in EVERY_PAGE if arguments.only in ("", visit.name)]
    for account in sorted({visit.account for visit in visits}):
        page = visitors.open(account=account, theme=theme, width=width).new_page()
        for visit, language in product(visits, LANGUAGES):
            if visit.account != account:
                continue
            visit.go(page, site_url=arguments.site, language=language)
            page.evaluate("() => document.fonts.ready")
            page.screenshot(path=_path(arguments.folder, visit, language, theme, width), full_page=True)
            if (visit.name, language, theme, width) in SHOWN:
                page.screenshot(path=_path(arguments.shown_folder, visit, language, theme, width))
        page.context.close()


def _path(folder: Path, visit: Visit, language: str, theme: str, width: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{visit.name}-{language}-{theme}-{width}.png"


if __name__ == "__main__":
    main()
