"""When the page was made from which a form was sent: a signed stamp in it, the same for all who read it just then."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from accounts.tokens import BadToken, OpenedToken, make_token, open_token


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """What the stamp of a form says: its age, and how much work its page asked for."""

    made_at: datetime
    age_s: int
    asked_work: int


def make_form_token(*, slug: str, asked_work: int, now: datetime) -> str:
    """
    This function will stamp a page of a petition with the time, rounded down to settings.FORM_STAMP.

    All pages of two seconds are therefore one object, with one ETag, to a cache.
    """
    step_s = settings.FORM_STAMP.total_seconds()
    made_at = datetime.fromtimestamp(now.timestamp() // step_s * step_s, tz=UTC)
    return make_token(purpose=_purpose(slug), fields=(str(asked_work),), now=made_at)


def sent_form(*, slug: str, token: str, now: datetime) -> SentForm | None:
    """This function will read the stamp of a form, None for a missing, a forged, another petition's and a very old one."""
    opened = _opened(slug, token, now)
    if opened is None:
        return None
    age = now - opened.made_at
    if age < timedelta(0):  # the clocks of two servers differ: nothing is known, and that speaks against nobody
        age = settings.FORM_MIN_AGE
    return SentForm(made_at=opened.made_at, age_s=int(age.total_seconds()), asked_work=int(opened.fields[0]))


def _opened(slug: str, token: str, now: datetime) -> OpenedToken | None:
    try:
        return open_token(purpose=_purpose(slug), token=token, max_age=settings.FORM_MAX_AGE, now=now)
    except BadToken:
        return None


def _purpose(slug: str) -> str:
    return f"sign-form.{slug}"
