"""The HTML of each kind of mail, as a mail program would show it in a window of its own."""

from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from outbox.composing import compose
from outbox.models import OutgoingMessage, Payload
from tests.browser.chromium import LANGUAGES, PHONE_PX, THEMES
from tests.email_samples import EMAIL_SAMPLES
from tests.factories import ALICE

READING_PANE_PX = 800  # beside the list of messages on a desktop


def mail_html(*, kind: str, language: str) -> str:
    sealed = Payload(recipient=ALICE, context=EMAIL_SAMPLES[kind]).sealed()
    mail = compose(OutgoingMessage(pk=1, kind=kind, unique_key="k", language=language, payload_sealed=sealed))
    return str(mail.alternatives[0].content)


def photograph_mails(browser: Browser, *, folder: Path) -> None:
    """This function will picture each kind in both languages and themes, on a phone and in a desktop's reading pane."""
    folder.mkdir(parents=True, exist_ok=True)
    for width, theme in product((PHONE_PX, READING_PANE_PX), THEMES):
        context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=theme)
        page = context.new_page()
        for kind, language in product(sorted(EMAIL_SAMPLES), LANGUAGES):
            page.set_content(mail_html(kind=kind, language=language))
            page.screenshot(path=folder / f"{kind}-{language}-{theme}-{width}.png", full_page=True)
        context.close()
