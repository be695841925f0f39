"""A petition's numbers: how fast they come, the records, the picture and every hour; and the picture alone, for others."""

from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.answers import public_page
from petitions.queries.open_history import open_history
from petitions.queries.pages import PetitionPage
from petitions.rules.history_chart import history_chart
from petitions.rules.history_table import overview, period_table
from petitions.views.pages import find_page

_KEEP_S, _STALE_S = 30, 300
_NOTHING_BUT_SHAPES = {"default-src": ["'none'"], "frame-ancestors": ["*"]}


@public_page(keep_s=_KEEP_S, stale_s=_STALE_S)
def petition_numbers(request: HttpRequest, slug: str) -> HttpResponse:
    """This function will show all numbers of a petition, the hours themselves a link or two away."""
    page = find_page(slug)
    context = _context(page)
    context["rows"] = overview(context["numbers"].history)
    context["history_url"] = (
        f"/api/v1/petitions/{slug}/history"  # the API is mounted by the site, which this app does not know
    )
    return render(request, "petitions/petition_numbers.html", context)


@public_page(keep_s=_KEEP_S, stale_s=_STALE_S)
def petition_numbers_of(request: HttpRequest, slug: str, period: str) -> HttpResponse:
    """This function will list a month (2026-02) by day or a day (2026-02-13) by hour."""
    page = find_page(slug)
    numbers = open_history(petition=page.petition, now=timezone.now())
    table = period_table(history=numbers.history, period=period)
    if table is None:
        raise Http404
    return render(request, "petitions/petition_numbers_of.html", {"page": page, "numbers": numbers, "table": table})


@csp(_NOTHING_BUT_SHAPES)  # type: ignore[arg-type] # its annotation forgets a view's arguments
@public_page(keep_s=_KEEP_S, stale_s=_STALE_S)
def petition_numbers_svg(request: HttpRequest, slug: str) -> HttpResponse:
    """This function will draw the numbers as a picture that needs no style sheet, for articles and slides."""
    page = find_page(slug)
    context = _context(page)
    context["page_url"] = f"{settings.SITE_URL}{reverse('petitions:petition-numbers', args=[slug])}"
    response = render(request, "petitions/petition_numbers.svg", context, content_type="image/svg+xml")
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _context(page: PetitionPage) -> dict[str, Any]:
    now = timezone.now()
    numbers = open_history(petition=page.petition, now=now)
    reached = [(milestone.threshold, milestone.reached_at) for milestone in numbers.milestones]
    chart = history_chart(history=numbers.history, reached=reached)
    return {"page": page, "numbers": numbers, "chart": chart, "now": now}
