"""Public pages: the list of campaigns, a campaign's timeline, and the timeline for other sites' pages."""

from dataclasses import dataclass
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext
from django.views.decorators.clickjacking import xframe_options_exempt

from accounts.answers import public_page
from accounts.decorators import may_lag
from campaigns.forms.timeline import TimelineForm
from campaigns.queries.campaigns import public_campaign_cards
from campaigns.queries.timeline import reported_tables
from campaigns.rules.periods import MOST_DAYS, Unit, Window, busiest_day, busy_months, fold_empty_runs, shifted
from campaigns.views.reading import Reading, read_timeline


@dataclass(frozen=True, kw_only=True)
class Link:
    label: str
    url: str
    current: bool = False


@public_page(keep_s=5)
@may_lag
def campaign_list(request: HttpRequest) -> HttpResponse:
    cards = public_campaign_cards(language=get_language() or "en")
    return render(request, "campaigns/campaign_list.html", {"campaigns": cards})


@public_page(keep_s=5)
@may_lag
def campaign_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    reading = read_timeline(request=request, slug=slug, now=now)
    today = now.astimezone(reading.choice.tz).date()
    context = {
        **_common_context(reading),
        "form": _form_to_show(reading),
        "periods_nav": _period_links(reading),
        "unit_nav": _unit_links(reading),
        "is_unfinished": reading.window.holds(today),
        "table_rows": fold_empty_runs(reading.periods),
        "reported": reported_tables(campaign=reading.campaign, language=get_language() or "en"),
    }
    return render(request, "campaigns/campaign_detail.html", context, status=reading.status)


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type] # its annotation forgets a view's arguments
@public_page(keep_s=5)
@may_lag
def campaign_embed(request: HttpRequest, slug: str) -> HttpResponse:
    reading = read_timeline(request=request, slug=slug, now=timezone.now())
    return render(request, "campaigns/campaign_embed.html", _common_context(reading), status=reading.status)


def _common_context(reading: Reading) -> dict[str, Any]:
    path = reverse("campaigns:campaign", args=[reading.campaign.slug])
    return {
        "reading": reading,
        "chart": reading.chart,
        "timeline": reading.timeline,
        "tz": reading.choice.tz,
        "busiest": busiest_day(reading.timeline.counts, reading.window),
        "page_url": f"{settings.SITE_URL}{path}",
        "permalink": f"{settings.SITE_URL}{path}{'?' if reading.query else ''}{reading.query}",
    }


def _form_to_show(reading: Reading) -> TimelineForm:
    """What was typed while it is wrong, else what the page shows now: the dates that the reader left open too."""
    if reading.form.errors:
        return _without_needless_choice(reading, reading.form)
    shown = {
        "from": reading.window.first,
        "to": reading.window.last,
        "unit": reading.choice.unit.value,
        "tz": reading.choice.tz.key,
        "series": reading.choice.series,
    }
    series = [(petition.slug, petition.title) for petition in reading.petitions]
    return _without_needless_choice(
        reading, TimelineForm(initial=shown, campaign_zone=reading.choice.tz.key, series=series)
    )


def _without_needless_choice(reading: Reading, form: TimelineForm) -> TimelineForm:
    if len(reading.petitions) < 2 and "series" not in form.errors:
        del form.fields["series"]
    return form


def _period_links(reading: Reading) -> list[Link]:
    """Ways to other windows: all signatures, everything, each busy month, and one step back or on."""
    whole = reading.timeline.whole
    links = [
        Link(
            label=gettext("All signatures"),
            url=f"?{reading.query_with(**{'from': '', 'to': ''})}",
            current=not (reading.choice.first or reading.choice.last),
        )
    ]
    if whole and whole.days <= MOST_DAYS:
        links.append(_window_link(reading, whole, gettext("Whole chronology")))
    months = busy_months(counts=reading.timeline.counts)
    links += [_window_link(reading, month, format_date(month.first, "F Y")) for month in months]
    if whole and whole.first < reading.window.first:
        links.append(_window_link(reading, shifted(reading.window, forward=False), gettext("Earlier")))
    if whole and whole.last > reading.window.last:
        links.append(_window_link(reading, shifted(reading.window, forward=True), gettext("Later")))
    return links


def _window_link(reading: Reading, window: Window, label: str) -> Link:
    chosen = {"from": window.first.isoformat(), "to": window.last.isoformat()}
    return Link(label=label, url=f"?{reading.query_with(**chosen)}", current=window == reading.window)


def _unit_links(reading: Reading) -> list[Link]:
    labels = {Unit.DAY: gettext("By day"), Unit.WEEK: gettext("By week"), Unit.MONTH: gettext("By month")}
    return [
        Link(label=label, url=f"?{reading.query_with(unit=unit.value)}#table", current=unit is reading.choice.unit)
        for unit, label in labels.items()
    ]
