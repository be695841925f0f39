"""What the signing form of a page carries beside a person's words, as a browser sends it a minute after the page."""

from datetime import datetime, timedelta

from django.utils import timezone

from petitions.queries.sign_forms import make_form_token

A_MINUTE = timedelta(minutes=1)


def carried(
    slug: str, *, age: timedelta = A_MINUTE, asked_work: int = 0, now: datetime | None = None
) -> dict[str, str]:
    """The untouched trap and a stamp of that age: the form of a person whom nothing speaks against."""
    made_at = (now or timezone.now()) - age
    return {"homepage": "", "form_token": make_form_token(slug=slug, asked_work=asked_work, now=made_at)}
