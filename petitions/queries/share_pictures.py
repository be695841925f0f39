"""What the pictures say that go with links to a petition and its milestones."""

import json
from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from petitions.drawing import SharePicture
from petitions.queries.links import absolute_url
from petitions.queries.pages import PetitionPage
from petitions.rules.ladder import next_milestone

_DRAWN_AS = 2  # one more whenever the drawing changes, so that kept pictures are drawn anew


def milestone_picture(*, page: PetitionPage, threshold: int, reached_at: datetime, language: str) -> SharePicture:
    """This function will word the picture of a milestone, in the language that is active."""
    local = localtime(reached_at, ZoneInfo(page.petition.timezone))
    note = gettext("Reached on %(date)s") % {"date": format_date(local, "j F Y")}
    # The step after it is drawn as ahead whatever came since: the picture tells of that day, and stays as it was shared.
    return _picture(page=page, figure=threshold, note=note, language=language, is_on_its_way=True)


def petition_picture(*, page: PetitionPage, language: str) -> SharePicture:
    """
    This function will word the picture of a petition as it stands: the milestone it has passed, and the next one.

    It changes with the milestones and the title only, so that a thousand signatures an hour draw nothing anew.
    """
    total = page.standing.total
    passed = max((step.threshold for step in page.steps if step.reached_at and step.threshold <= total), default=0)
    following = next_milestone(ladder=page.petition.ladder, total=total) if page.standing.next_milestone else None
    note = gettext("A petition to %(addressee)s") % {"addressee": page.petition.addressee}
    if following is not None:
        parts = {"petition": note, "number": localize(following)}
        note = gettext("%(petition)s · Next milestone: %(number)s") % parts
    return _picture(page=page, figure=passed, note=note, language=language, is_on_its_way=following is not None)


def picture_version(picture: SharePicture) -> str:
    """This function will name a picture by all that stands on it: another word, another name."""
    words = json.dumps([_DRAWN_AS, *map(str, settings.SHARE_PICTURE_FONTS), asdict(picture)], sort_keys=True)
    return blake2b(words.encode(), digest_size=9).hexdigest()


def picture_words(picture: SharePicture) -> str:
    """This function will say what a picture shows, for those who do not see it."""
    words = {"figure": picture.figure, "unit": picture.unit, "title": picture.title, "note": picture.note}
    if not picture.figure:
        return gettext("“%(title)s”. %(note)s.") % words
    return gettext("%(figure)s %(unit)s: “%(title)s”. %(note)s.") % words


def _picture(*, page: PetitionPage, figure: int, note: str, language: str, is_on_its_way: bool) -> SharePicture:
    reached = sum(1 for step in page.steps if step.reached_at and step.threshold <= figure)
    address = absolute_url(view="petition-detail", language=language, slug=page.petition.slug)
    return SharePicture(
        figure=str(localize(figure)) if figure else "",
        unit=ngettext("proved signature", "proved signatures", figure) if figure else "",
        title=page.text.title,
        address=address.partition("://")[2].strip("/"),
        note=note,
        site=settings.SITE_NAME,
        steps=reached + is_on_its_way,
        steps_behind=reached,
    )
