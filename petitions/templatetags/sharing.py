"""The picture that goes with a link to a petition or a milestone, and how a pace reads."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import get_language, ngettext

from petitions.drawing import SharePicture
from petitions.queries.milestones import MilestonePage
from petitions.queries.pages import PetitionPage
from petitions.queries.share_pictures import milestone_picture, petition_picture, picture_version, picture_words
from petitions.rules.pace import Climb, RateUnit

register = template.Library()


@dataclass(frozen=True, kw_only=True)
class LinkedPicture:
    """Where a picture is, by its version, and what it shows."""

    path: str
    url: str
    words: str


@register.simple_tag
def picture_of_petition(page: PetitionPage) -> LinkedPicture:
    """This function will find the picture that goes with a petition as it stands."""
    path = reverse("petitions:petition-picture", kwargs={"slug": page.petition.slug})
    return _linked(petition_picture(page=page, language=get_language() or "en"), path)


@register.simple_tag
def picture_of_milestone(step: MilestonePage) -> LinkedPicture:
    """This function will find the picture that goes with a milestone; one ahead goes with that of its petition."""
    if step.reached_at is None:
        return picture_of_petition(step.page)
    path = reverse("petitions:milestone-picture", kwargs={"slug": step.page.petition.slug, "threshold": step.threshold})
    language = get_language() or "en"
    return _linked(
        milestone_picture(page=step.page, threshold=step.threshold, reached_at=step.reached_at, language=language), path
    )


@register.filter
def rate_in_words(climb: Climb) -> str:
    """This function will say how many signatures came by the day, the hour or the minute; "" where nobody can tell."""
    n = climb.rate
    if n is None:
        return ""
    if climb.unit is RateUnit.DAY:
        return ngettext("%(n)s signature a day", "%(n)s signatures a day", n) % {"n": localize(n)}
    if climb.unit is RateUnit.HOUR:
        return ngettext("%(n)s signature an hour", "%(n)s signatures an hour", n) % {"n": localize(n)}
    return ngettext("%(n)s signature a minute", "%(n)s signatures a minute", n) % {"n": localize(n)}


def _linked(picture: SharePicture, path: str) -> LinkedPicture:
    path = f"{path}?v={picture_version(picture)}"
    return LinkedPicture(path=path, url=settings.SITE_URL + path, words=picture_words(picture))
