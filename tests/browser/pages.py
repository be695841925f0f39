"""The pages that browser tests and screenshots visit on a demo site, as paths below the language."""

from dataclasses import dataclass

PETITION = "petitions/keep-gpt-4o/"
CAMPAIGN = "campaigns/keep4o/"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page: a short name for its file, its path below the language, the status it answers and who may see it."""

    name: str
    path: str
    status: int = 200
    account: str = ""  # e-mail address of a demo account; "" is a visitor without one


PUBLIC_PAGES = (
    Visit(name="home", path=""),
    Visit(name="petitions", path="petitions/"),
    Visit(name="petition", path=PETITION),
    Visit(name="check-your-email", path=f"{PETITION}check-your-email/"),
    Visit(name="thank-you", path=f"{PETITION}thank-you/"),
    Visit(name="integrity", path=f"{PETITION}integrity/"),
    Visit(name="history", path=f"{PETITION}history/"),
    Visit(name="campaigns", path="campaigns/"),
    Visit(name="timeline", path=CAMPAIGN),
    Visit(name="timeline-embed", path=f"{CAMPAIGN}embed/"),
    Visit(name="stories", path=f"{CAMPAIGN}stories/"),
    Visit(name="story-form", path=f"{CAMPAIGN}stories/new/"),
    Visit(name="privacy", path="privacy/"),
    Visit(name="sign-in", path="accounts/login/"),
    Visit(name="not-found", path="no-such-page/", status=404),
    Visit(name="bad-link", path="verify/forged/", status=404),
)

_ORGANISER, _MODERATOR = "bob@example.org", "mona@example.org"
ORGANISER_PAGES = (
    Visit(name="organise", path="organise/", account=_ORGANISER),
    Visit(name="organise-team", path="organise/team/", account=_ORGANISER),
    Visit(name="organise-tokens", path="organise/tokens/", account=_ORGANISER),
    Visit(name="account", path="accounts/", account=_ORGANISER),
)
MODERATOR_PAGES = (
    Visit(name="moderate", path="moderate/", account=_MODERATOR),
    Visit(name="moderate-forbidden", path="organise/", status=403, account=_MODERATOR),
)
EVERY_PAGE = (*PUBLIC_PAGES, *ORGANISER_PAGES, *MODERATOR_PAGES)
