"""The same view as files: a picture that stands alone, a sheet, and everything as JSON."""

import csv
import io
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from accounts.answers import public_page
from campaigns.queries.timeline import ReportedTable, TimelineEvent, TimelineMilestone, reported_tables
from campaigns.rules.moments import Moment
from campaigns.rules.periods import Period
from campaigns.views.reading import Reading, read_timeline
from petitions.rules.cells import formula_safe

_KEY_TOP, _KEY_LINE, _KEY_FOOT = 456, 22, 40  # the stand-alone picture names its numbers below the chart
_NOTHING_BUT_SHAPES = {"default-src": ["'none'"], "frame-ancestors": ["*"]}


@csp(_NOTHING_BUT_SHAPES)  # type: ignore[arg-type] # its annotation forgets a view's arguments
@public_page(keep_s=5)
def campaign_svg(request: HttpRequest, slug: str) -> HttpResponse:
    """This function will draw the timeline as a picture that needs no style sheet, for articles and slides."""
    reading = read_timeline(request=request, slug=slug, now=timezone.now())
    if reading.form.errors:
        return _refusal(reading)
    page_url = f"{settings.SITE_URL}{reverse('campaigns:campaign', args=[slug])}"
    lines = reading.events_inside
    context = {
        "reading": reading,
        "chart": reading.chart,
        "tz": reading.choice.tz,
        "key_lines": [{"event": event, "y": _KEY_TOP + at * _KEY_LINE} for at, event in enumerate(lines)],
        "height": _KEY_TOP + len(lines) * _KEY_LINE + _KEY_FOOT,
        "permalink": f"{page_url}{'?' if reading.query else ''}{reading.query}",
    }
    return _open_to_all(render(request, "campaigns/campaign.svg", context, content_type="image/svg+xml"))


@public_page(keep_s=5)
def campaign_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """This function will write one line for each day, week or month, with what happened in it."""
    reading = read_timeline(request=request, slug=slug, now=timezone.now())
    if reading.form.errors:
        return _refusal(reading)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["from", "to", "signatures", "milestones", "events"])
    for period in reading.periods:
        writer.writerow(_csv_row(reading, period))
    response = HttpResponse(sheet.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-by-{reading.choice.unit}.csv"'
    return _open_to_all(response)


@public_page(keep_s=5)
def campaign_json(request: HttpRequest, slug: str) -> HttpResponse:
    """
    This function will give all that the page shows.

    Returns: {"campaign": {slug, title, url, timezone, hashtags}, "view": {from, to, unit, tz, series}, "total": n,
             "signatures": [{from, to, count}], "milestones": [{petition, threshold, reached_at, url}], "events": [{key,
             number, kind, title: {language: text}, at, precision, until, disputed, dates: [{at, precision, source}],
             sources: [{type, name, url}], url}], "reported": [{name, unit, figures: [{on, qualifier, value, source,
             url}]}]}. A count from 1 to 4 is the text "<5". `at` is written to its precision and no further.
    """
    reading = read_timeline(request=request, slug=slug, now=timezone.now())
    if reading.form.errors:
        return _open_to_all(JsonResponse({"errors": reading.form.errors.get_json_data()}, status=reading.status))
    page_url = f"{settings.SITE_URL}{reverse('campaigns:campaign', args=[slug])}"
    reported = reported_tables(campaign=reading.campaign, language=get_language() or "en")
    return _open_to_all(
        JsonResponse(
            {
                "campaign": _campaign_json(reading, page_url),
                "view": _view_json(reading),
                "total": reading.timeline.total,
                "signatures": [_period_json(period) for period in reading.periods],
                "milestones": [_milestone_json(milestone) for milestone in reading.timeline.milestones],
                "events": [_event_json(event, page_url) for event in reading.timeline.events],
                "reported": [_reported_json(table) for table in reported],
            }
        )
    )


def _refusal(reading: Reading) -> HttpResponse:
    labels = {name: field.label for name, field in reading.form.fields.items()}
    lines = [f"{labels[name]}: {' '.join(map(str, errors))}" for name, errors in reading.form.errors.items()]
    text = "\n".join([gettext("The view in this address cannot be read."), *lines, ""])
    return _open_to_all(HttpResponse(text, content_type="text/plain; charset=utf-8", status=reading.status))


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _csv_row(reading: Reading, period: Period) -> list[int | str]:
    tz = reading.choice.tz
    milestones = [one for one in reading.timeline.milestones if _falls_in(one.moment, reading, period)]
    events = [one for one in reading.timeline.events if _falls_in(one.moment, reading, period)]
    return [
        period.first.isoformat(),
        period.last.isoformat(),
        period.cell,
        " | ".join(str(milestone.threshold) for milestone in milestones),
        formula_safe(" | ".join(f"{event.title} ({event.moment.first_day(tz)})" for event in events)),
    ]


def _falls_in(moment: Moment, reading: Reading, period: Period) -> bool:
    return period.first <= moment.first_day(reading.choice.tz) <= period.last


def _campaign_json(reading: Reading, page_url: str) -> dict[str, Any]:
    return {
        "slug": reading.campaign.slug,
        "title": reading.title,
        "url": page_url,
        "timezone": reading.campaign.timezone,
        "hashtags": reading.campaign.hashtags,
    }


def _view_json(reading: Reading) -> dict[str, str]:
    return {
        "from": reading.window.first.isoformat(),
        "to": reading.window.last.isoformat(),
        "unit": reading.choice.unit.value,
        "tz": reading.choice.tz.key,
        "series": reading.choice.series,
    }


def _period_json(period: Period) -> dict[str, int | str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), "count": period.cell}


def _milestone_json(milestone: TimelineMilestone) -> dict[str, Any]:
    return {
        "petition": milestone.petition.slug,
        "threshold": milestone.threshold,
        "reached_at": milestone.reached_at.isoformat().replace("+00:00", "Z"),
        "url": settings.SITE_URL + reverse("petitions:milestone", args=[milestone.petition.slug, milestone.threshold]),
    }


def _event_json(event: TimelineEvent, page_url: str) -> dict[str, Any]:
    return {
        "key": event.key,
        "number": event.number,
        "kind": event.kind.value,
        "title": event.titles,
        "at": event.moment.written,
        "precision": event.moment.precision.value,
        "until": event.until.written if event.until else None,
        "disputed": event.is_disputed,
        "dates": [
            {"at": other.moment.written, "precision": other.moment.precision.value, "source": other.source}
            for other in event.competing_dates
        ],
        "sources": [{"type": source.type, "name": source.name, "url": source.url} for source in event.sources],
        "url": f"{page_url}#event-{event.key}",
    }


def _reported_json(table: ReportedTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "unit": table.unit,
        "figures": [
            {
                "on": figure.reported_on.isoformat(),
                "qualifier": figure.qualifier,
                "value": figure.value,
                "source": figure.source,
                "url": figure.url,
            }
            for figure in table.figures
        ],
    }
