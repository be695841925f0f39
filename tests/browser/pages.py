"""The pages that browser tests and screenshots visit on a demo site, as paths below the language."""

from dataclasses import dataclass

from playwright.sync_api import Page, Response

PETITION = "petitions/keep-gpt-4o/"
ASKING = "petitions/six-months-notice/"
CAMPAIGN = "campaigns/keep4o/"
_ORGANISER, _MODERATOR, _ANALYST = "bob@example.org", "mona@example.org", "ana@example.org"
_SITE_STAFF = "admin@example.org"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page: a name for its pictures, its path below the language, the status it answers and who visits it."""

    name: str
    path: str
    status: int = 200
    account: str = ""  # e-mail address of a demo account; "" is a visitor without one
    follow: str = ""  # the page meant is the one behind this first link of the path's page

    def go(self, page: Page, *, site_url: str, language: str) -> Response:
        """This function will open the page and return its answer."""
        answer = page.goto(f"{site_url}/{language}/{self.path}")
        if self.follow:
            answer = page.goto(f"{site_url}{page.locator(self.follow).first.get_attribute('href')}")
        assert answer is not None
        return answer


PUBLIC_PAGES = (
    Visit(name="home", path=""),
    Visit(name="petitions", path="petitions/"),
    Visit(name="petition", path=PETITION),
    Visit(name="check-your-email", path=f"{PETITION}check-your-email/"),
    Visit(name="new-link-sent", path=f"{PETITION}new-link-sent/"),
    Visit(name="thank-you", path=f"{PETITION}thank-you/"),
    Visit(name="integrity", path=f"{PETITION}integrity/"),
    Visit(name="history", path=f"{PETITION}history/"),
    Visit(name="numbers", path=f"{PETITION}numbers/"),
    Visit(name="numbers-month", path=f"{PETITION}numbers/2026-02/"),
    Visit(name="numbers-day", path=f"{PETITION}numbers/2026-02-13/"),
    Visit(name="milestone", path=f"{PETITION}milestones/10000/"),
    Visit(name="milestone-ahead", path=f"{PETITION}milestones/20000/"),
    Visit(name="petition-that-asks", path=ASKING),
    Visit(name="comments", path=f"{ASKING}comments/"),
    Visit(name="campaigns", path="campaigns/"),
    Visit(name="timeline", path=CAMPAIGN),
    Visit(name="timeline-zoom", path=f"{CAMPAIGN}?from=2025-08-01&to=2025-08-31"),
    Visit(name="timeline-embed", path=f"{CAMPAIGN}embed/"),
    Visit(name="stories", path=f"{CAMPAIGN}stories/"),
    Visit(name="story", path=f"{CAMPAIGN}stories/", follow=".story__by a"),
    Visit(name="story-form", path=f"{CAMPAIGN}stories/new/"),
    Visit(name="story-sent", path=f"{CAMPAIGN}stories/thank-you/"),
    Visit(name="privacy", path="privacy/"),
    Visit(name="mail-help", path="help/mail/"),
    Visit(name="sign-in", path="accounts/login/"),
    Visit(name="sign-up", path="accounts/signup/"),
    Visit(name="sign-in-code", path="accounts/login/code/"),
    Visit(name="password-forgotten", path="accounts/password/reset/"),
    Visit(name="sign-in-elsewhere-cancelled", path="accounts/3rdparty/login/cancelled/"),
    Visit(name="sign-in-elsewhere-failed", path="accounts/3rdparty/login/error/", status=401),
    Visit(name="not-found", path="no-such-page/", status=404),
    Visit(name="bad-link", path="verify/forged/", status=404),
    Visit(name="cut-link", path="verify/1.2/", status=404),
)
STAFF_PAGES = (
    Visit(name="organise", path="organise/", account=_ORGANISER),
    Visit(name="organise-petition", path="organise/petitions/keep-gpt-4o/", account=_ORGANISER),
    Visit(name="organise-ladder", path=f"organise/{PETITION}ladder/", account=_ORGANISER),
    Visit(name="organise-new-petition", path="organise/petitions/new/", account=_ORGANISER),
    Visit(name="organise-integrity", path=f"organise/{PETITION}integrity/", account=_ORGANISER),
    Visit(name="organise-held", path=f"organise/{PETITION}integrity/held/", account=_ORGANISER),
    Visit(name="organise-held-attempts", path=f"organise/{PETITION}integrity/held/?kind=attempts", account=_ORGANISER),
    Visit(name="organise-cases", path=f"organise/{PETITION}integrity/cases/", account=_ORGANISER),
    Visit(
        name="organise-new-case",
        path=f"organise/{PETITION}integrity/cases/new/?form_age_below_s=3",
        account=_ORGANISER,
    ),
    Visit(
        name="organise-case", path=f"organise/{PETITION}integrity/cases/", follow=".row__title a", account=_ORGANISER
    ),
    Visit(
        name="organise-done-case",
        path=f"organise/{PETITION}integrity/cases/",
        follow=".row:last-child .row__title a",
        account=_ORGANISER,
    ),
    Visit(name="organise-export", path="organise/petitions/keep-gpt-4o/export/?by=country", account=_ORGANISER),
    Visit(name="organise-text", path="organise/petitions/keep-gpt-4o/texts/fr/", account=_ORGANISER),
    Visit(name="organise-settings", path=f"organise/{ASKING}settings/", account=_ORGANISER),
    Visit(
        name="organise-question", path=f"organise/{ASKING}settings/", follow=".question-buttons a", account=_ORGANISER
    ),
    Visit(name="organise-new-question", path=f"organise/{ASKING}questions/new/text/", account=_ORGANISER),
    Visit(name="organise-answers", path=f"organise/{ASKING}answers/", account=_ORGANISER),
    Visit(
        name="organise-texts",
        path=f"organise/{ASKING}answers/",
        follow="main .section__body .button",
        account=_ORGANISER,
    ),
    Visit(name="organise-comments", path=f"organise/{ASKING}comments/", account=_ORGANISER),
    Visit(name="organise-campaign", path="organise/campaigns/keep4o/", account=_ORGANISER),
    Visit(name="organise-event", path="organise/campaigns/keep4o/events/gpt5-launch/", account=_ORGANISER),
    Visit(name="organise-new-event", path="organise/campaigns/keep4o/events/new/", account=_ORGANISER),
    Visit(name="organise-deliverability", path="organise/deliverability/", account=_ORGANISER),
    Visit(name="organise-forgotten", path="organise/forgotten/", account=_ORGANISER),
    Visit(name="organise-team", path="organise/team/keep4o/", account=_ORGANISER),
    Visit(name="organise-tokens", path="organise/tokens/keep4o/", account=_ORGANISER),
    Visit(name="organise-webhooks", path="organise/webhooks/keep4o/", account=_ORGANISER),
    Visit(name="switches", path="organise/switches/", account=_SITE_STAFF),
    Visit(name="account", path="accounts/", account=_ORGANISER),
    Visit(name="account-mfa", path="accounts/2fa/", account=_ORGANISER),
    Visit(name="account-signatures", path="accounts/signatures/", account=_ORGANISER),
    Visit(name="account-elsewhere", path="accounts/3rdparty/", account=_ORGANISER),
    Visit(name="sign-with-account", path=f"{PETITION}sign-with-account/", account=_ORGANISER),
    Visit(name="analyst-organise", path="organise/", account=_ANALYST),
    Visit(name="moderate", path="moderate/", account=_MODERATOR),
    Visit(name="moderate-story", path="moderate/", follow="main th a", account=_MODERATOR),
    Visit(name="moderate-comments", path=f"organise/{ASKING}comments/", account=_MODERATOR),
    Visit(name="forbidden", path="organise/team/keep4o/", status=403, account=_MODERATOR),
)
DEVELOPMENT_PAGES = (Visit(name="styleguide", path="dev/styleguide/"),)
EVERY_PAGE = (*PUBLIC_PAGES, *STAFF_PAGES, *DEVELOPMENT_PAGES)
