"""The integrity console: what came in which hour, what it has in common, and what waits to be looked at."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions.held import release_held
from petitions.models import Petition
from petitions.organiser_forms.integrity import HeldForm, ReleaseForm, SpanForm
from petitions.organiser_views.finding import head_of, own_petition
from petitions.queries.cases import cases_of
from petitions.queries.clusters import Clusters, clusters_of
from petitions.queries.held import HeldFilter, held_attempts, held_counts, held_groups, held_rows, held_signatures
from petitions.queries.integrity_hours import HOUR, IntegrityHour, hour_of, integrity_hours
from petitions.rules.hour_chart import hour_chart

ROWS_PER_PAGE = 50
_HOURS_SHOWN = 48


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def integrity_console(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = SpanForm(request.GET)
    since, until = _span(form, now=timezone.now().astimezone(UTC))
    hours = integrity_hours(petition_id=petition.pk, since=since, until=until)
    clusters = clusters_of(petition_id=petition.pk, since=since, until=until)
    context = {
        **console_head(request, petition, "hours"),
        "form": form,
        "since": since,
        "until": until,
        "hours": hours,
        "sums": _sums(hours),
        "chart": hour_chart(hours),
        "clusters": clusters,
        "sides": _sides(clusters),
        "case_query": urlencode({"since": _typed(since), "until": _typed(until)}),
    }
    return render(request, "organise/integrity/console.html", context, status=200 if form.is_valid() else 422)


@team_role_required(RUN_PETITIONS)
@require_http_methods(["GET", "HEAD"])
def integrity_held(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = HeldForm(request.GET)
    asked, is_attempts = form.asked(), form.shows_attempts()
    find: Any = held_attempts if is_attempts else held_signatures
    page = Paginator(find(petition=petition, asked=HeldFilter(**asked)), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        **console_head(request, petition, "held"),
        "kind": "attempts" if is_attempts else "signatures",
        "asked": asked,
        "groups": held_groups(petition=petition),
        "page": page,
        "rows": held_rows(list(page.object_list), petition=petition),
        "case_query": urlencode({**_case_conditions(asked), "held": asked.get("reason", "any")}),
    }
    return render(request, "organise/integrity/held.html", context)


@team_role_required(RUN_PETITIONS)
@require_POST
def release(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Nothing was released: the page sent rows that it cannot have shown."))
        return redirect("petitions:integrity-held", slug=slug)
    released = release_held(
        petition=petition,
        signature_ids=form.ids("signature"),
        attempt_ids=form.ids("attempt"),
        actor=signed_in_user(request),
        now=timezone.now(),
    )
    _say_released(request, released.signatures, released.attempts)
    where = reverse("petitions:integrity-held", args=[slug])
    return redirect(f"{where}?kind=attempts" if form.ids("attempt") else where)


def console_head(request: HttpRequest, petition: Petition, current: str) -> dict[str, Any]:
    """This function will prepare what all pages of the console share: the petition and the tabs."""
    held = held_counts(petition=petition)
    tabs = (
        ("hours", "petitions:integrity-console", gettext("Hours and clusters"), None),
        ("held", "petitions:integrity-held", gettext("Held"), held.signatures + held.attempts),
        ("cases", "petitions:integrity-cases", gettext("Cases"), cases_of(petition=petition).count()),
    )
    items = [
        {"url": reverse(view, args=[petition.slug]), "label": label, "count": count, "current": name == current}
        for name, view, label, count in tabs
    ]
    return {**head_of(request, petition), "tabs": items, "held": held}


def _span(form: SpanForm, *, now: datetime) -> tuple[datetime, datetime]:
    day = form.cleaned_data.get("day") if form.is_valid() else None
    if day is not None:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start, start + timedelta(days=1)
    until = hour_of(now) + HOUR
    return until - _HOURS_SHOWN * HOUR, until


def _sums(hours: list[IntegrityHour]) -> dict[str, int]:
    names = ("attempts", "attempts_held", "proved", "counted", "held", "removed")
    return {name: sum(getattr(hour, name) for hour in hours) for name in names}


def _sides(clusters: Clusters) -> list[dict[str, Any]]:
    """This function will put a heading and the name of its condition to each kind of cluster."""
    headings = {
        "domain": gettext("By mail domain"),
        "network": gettext("By network"),
        "name_shape": gettext("By the shape of the name"),
    }
    return [{"name": name, "heading": headings[name], "clusters": found} for name, found in clusters.groups.items()]


def _case_conditions(asked: dict[str, Any]) -> dict[str, Any]:
    conditions: dict[str, Any] = {name: asked[name] for name in ("domain", "network") if name in asked}
    if "hour" in asked:
        conditions |= {"since": _typed(asked["hour"]), "until": _typed(asked["hour"] + HOUR)}
    return conditions


def _typed(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M")


def _say_released(request: HttpRequest, signatures: int, attempts: int) -> None:
    if signatures:
        said = ngettext("%(n)d signature counts now.", "%(n)d signatures count now.", signatures)
        messages.success(request, said % {"n": signatures})
    if attempts:
        said = ngettext(
            "%(n)d attempt is released: its link proves it like any other.",
            "%(n)d attempts are released: their links prove them like any others.",
            attempts,
        )
        messages.success(request, said % {"n": attempts})
    if not signatures and not attempts:
        messages.info(request, gettext("Nothing was released: somebody else had done it, or it is gone."))
