"""How dates, periods and places on the chart are written; and what campaigns show on other apps' pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import babel.dates
from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.dateformat import format as format_date
from django.utils.formats import localize
from django.utils.translation import get_language, gettext

from accounts.models import User
from accounts.roles import RUN_PETITIONS, teams_of
from campaigns.models import Campaign, Event
from campaigns.queries.campaigns import CampaignCard, campaigns_of_petition, cards_of_teams
from campaigns.queries.texts import best_text
from campaigns.queries.timeline import TimelineEvent, TimelineMilestone, public_petitions
from campaigns.rules.chart import Badge, FlagLabel, draw_chart
from campaigns.rules.moments import Moment, Precision, last_of_month
from campaigns.rules.periods import AND_MORE, Unit, Window, add_up, fit_to_unit
from petitions.queries.counts import signatures_by_day
from petitions.rules.cells import WITHHELD

register = template.Library()
Entry = TypeVar("Entry")
_FORMATS = {
    Precision.MONTH: "F Y",
    Precision.DAY: "j F Y",
    Precision.HOUR: "j F Y, H:00",
    Precision.MINUTE: "j F Y, H:i",
    Precision.SECOND: "j F Y, H:i:s",
}


@register.filter
def moment(value: Moment, tz: ZoneInfo) -> str:
    """This function will write a date as precisely as it is known and no further; times name their zone."""
    written = format_date(value.local(tz), _FORMATS[value.precision])
    return written if value.precision.is_calendar else f"{written} {value.at.astimezone(tz):%Z}"


@register.filter
def day(value: Moment, tz: ZoneInfo) -> str:
    """This function will write a date without its time."""
    return format_date(value.local(tz), "F Y" if value.precision is Precision.MONTH else "j F Y")


@register.simple_tag
def days(first: date, last: date) -> str:
    """This function will name a period: one day, one whole month, or the first and the last day."""
    if first == last:
        return format_date(first, "j F Y")
    if first.day == 1 and last == last_of_month(first):
        return format_date(first, "F Y")
    shortest = "j" if (first.year, first.month) == (last.year, last.month) else "j F"
    return gettext("%(first)s to %(last)s") % {
        "first": format_date(first, shortest if first.year == last.year else "j F Y"),
        "last": format_date(last, "j F Y"),
    }


@register.filter
def month_name(value: date) -> str:
    """This function will abbreviate a month as its language does; Django's own three letters are no French."""
    return str(babel.dates.format_date(value, "LLL", locale=get_language() or "en"))


@register.filter
def pct(fraction: float) -> str:
    """This function will write a share of the width for an SVG attribute, in every language with a point."""
    return f"{fraction * 100:.3f}".rstrip("0").rstrip(".") + "%"


@register.filter
def px(value: float) -> str:
    """This function will write a length for an SVG attribute, in every language with a point."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


@register.filter
def any_disputed(events: Sequence[TimelineEvent]) -> bool:
    return any(event.is_disputed for event in events)


@register.filter
def cell(value: int | str) -> str:
    """This function will write a public number of signatures; words are translated, figures localised."""
    if isinstance(value, int):
        return str(localize(value))
    if value.endswith(AND_MORE):
        return gettext("at least %(number)s") % {"number": localize(int(value[:-1]))}
    return gettext("withheld") if value == WITHHELD else value


@register.filter
def under(entries: Sequence[Entry], label: Badge | FlagLabel) -> Sequence[Entry]:
    """This function will give the entries that one label stands for."""
    return entries[label.first : label.last + 1]


@register.filter
def title_for_editor(event: Event) -> str:
    """This function will name an event for its editors, by its key while it has no sentence."""
    text = best_text(event.texts.all(), get_language() or "en")
    return text.title if text else event.key


@register.filter
def is_milestone(entry: TimelineEvent | TimelineMilestone) -> bool:
    return isinstance(entry, TimelineMilestone)


@register.inclusion_tag("campaigns/_campaign_links.html")
def petition_campaigns(petition_id: int) -> dict[str, Any]:
    """This function will link the public campaigns that a petition belongs to."""
    return {"campaigns": campaigns_of_petition(petition_id=petition_id, language=get_language() or "en")}


@register.simple_tag
def campaigns_with_petition(petition_id: int) -> list[CampaignCard]:
    """This function will find the same campaigns for a page that links them in its own words."""
    return campaigns_of_petition(petition_id=petition_id, language=get_language() or "en")


@register.inclusion_tag("campaigns/_organised.html")
def organised_campaigns(user: User | AnonymousUser) -> dict[str, Any]:
    """This function will link the chronologies that a user may keep, drafts included."""
    teams = teams_of(user=user, roles=RUN_PETITIONS)
    return {"campaigns": cards_of_teams(teams=teams, language=get_language() or "en")}


@register.inclusion_tag("campaigns/_sparkline.html")
def campaign_sparkline(slug: str) -> dict[str, Any]:
    """This function will draw a campaign's signatures per week as a small picture that links to its timeline."""
    campaign = Campaign.objects.public().filter(slug=slug).first()
    if campaign is None:
        return {}
    language = get_language() or "en"
    petitions = public_petitions(campaign=campaign, language=language)
    tz = ZoneInfo(campaign.timezone)
    counts = signatures_by_day(petition_ids=[petition.pk for petition in petitions], tz=tz)
    if not counts:
        return {}
    window = fit_to_unit(window=Window(first=counts[0][0], last=counts[-1][0]), unit=Unit.WEEK)
    periods = add_up(counts=counts, window=window, unit=Unit.WEEK)
    text = best_text(campaign.texts.all(), language)
    return {
        "slug": slug,
        "title": text.title if text else slug,
        "window": window,
        "chart": draw_chart(window=window, periods=periods, marks=[], flags=[]),
        "busiest": max(periods, key=lambda period: period.drawn),
    }
