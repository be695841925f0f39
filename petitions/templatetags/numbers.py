"""How open numbers are written: those that are hidden, ranges, and how long something may take; and the chart of a page."""

from datetime import datetime, timedelta
from math import ceil

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from outbox.remembering import RememberedEach
from petitions.models import Petition
from petitions.queries.counts import count_of
from petitions.queries.open_history import Prospect, open_history
from petitions.rules.cells import WITHHELD
from petitions.rules.history_chart import history_chart
from petitions.rules.history_table import overview
from petitions.rules.public_history import Bounds

KEEP_S = 60.0
register = template.Library()


@register.filter
def public_number(value: int | str | Bounds) -> str:
    """This function will write a number that may be hidden, or known only between bounds."""
    if isinstance(value, Bounds):
        if value.is_exact:
            return str(localize(value.least))
        ends = {"least": localize(value.least), "most": localize(value.most)}
        if value.least == 0:
            return gettext("at most %(most)s") % ends
        return gettext("%(least)s to %(most)s") % ends
    if isinstance(value, int):
        return str(localize(value))
    return gettext("withheld") if value == WITHHELD else value


@register.simple_tag
def time_range(prospect: Prospect, now: datetime) -> str:
    """This function will say between which times from now something happens, in the unit that its end calls for."""
    if prospect.earliest is None or prospect.latest is None:
        return ""
    earliest, latest = prospect.earliest - now, prospect.latest - now
    if latest <= _HOURS_UP_TO:
        return _hours(earliest, latest)
    if latest <= _DAYS_UP_TO:
        return _days(earliest, latest)
    return _weeks(earliest, latest)


@register.simple_tag
def time_at_least(prospect: Prospect, now: datetime) -> str:
    """This function will say before which time from now something does not happen."""
    if prospect.earliest is None:
        return ""
    earliest = prospect.earliest - now
    if earliest <= _HOURS_UP_TO:
        n = max(1, int(earliest / _HOUR))
        return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": localize(n)}
    if earliest <= _DAYS_UP_TO:
        n = int(earliest / _DAY)
        return ngettext("%(n)s day", "%(n)s days", n) % {"n": localize(n)}
    n = int(earliest / _WEEK)
    return ngettext("%(n)s week", "%(n)s weeks", n) % {"n": localize(n)}


@register.simple_tag
def petition_numbers(petition: Petition) -> SafeString:
    """This function will draw a petition's numbers for its page; each process draws them once a minute and language."""
    # What changes the words at once is part of the key: a closing, a pause, the first signature.
    return _drawn.value((petition.pk, get_language() or "en", petition.state, count_of(petition) > 0))


_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_HOURS_UP_TO, _DAYS_UP_TO = timedelta(hours=48), timedelta(days=59)


def _hours(earliest: timedelta, latest: timedelta) -> str:
    first, last = int(earliest / _HOUR), ceil(latest / _HOUR)
    words = {"first": localize(first), "last": localize(last)}
    if first < 1:
        return ngettext("within %(last)s hour", "within %(last)s hours", last) % words
    return ngettext("between %(first)s and %(last)s hour", "between %(first)s and %(last)s hours", last) % words


def _days(earliest: timedelta, latest: timedelta) -> str:
    first, last = int(earliest / _DAY), ceil(latest / _DAY)
    words = {"first": localize(first), "last": localize(last)}
    if first < 1:
        return ngettext("within %(last)s day", "within %(last)s days", last) % words
    return ngettext("between %(first)s and %(last)s day", "between %(first)s and %(last)s days", last) % words


def _weeks(earliest: timedelta, latest: timedelta) -> str:
    first, last = int(earliest / _WEEK), ceil(latest / _WEEK)
    words = {"first": localize(first), "last": localize(last)}
    if first < 1:
        return ngettext("within %(last)s week", "within %(last)s weeks", last) % words
    return ngettext("between %(first)s and %(last)s week", "between %(first)s and %(last)s weeks", last) % words


def _draw(key: tuple[int, str, str, bool]) -> SafeString:
    now = timezone.now()
    petition = Petition.objects.select_related("tally").get(pk=key[0])
    numbers = open_history(petition=petition, now=now)
    reached = [(milestone.threshold, milestone.reached_at) for milestone in numbers.milestones]
    chart = history_chart(history=numbers.history, reached=reached)
    context = {"numbers": numbers, "chart": chart, "rows": overview(numbers.history) if chart else [], "now": now}
    return render_to_string("petitions/_numbers.html", context)


_drawn = RememberedEach(read=_draw, keep_s=KEEP_S)
