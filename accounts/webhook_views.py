"""A team's webhooks: the list, one of them with its newest events, and a button for each act."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import webhook_actions as actions
from accounts.actions import AccountsError
from accounts.decorators import signed_in_user, team_role_required
from accounts.models import MOST_WEBHOOKS, Team
from accounts.roles import MANAGE_WEBHOOKS, teams_of
from accounts.webhook_forms import AddWebhookForm
from accounts.webhook_queries import EVENTS_SHOWN, newest_events, webhook_of, webhooks_of
from accounts.webhook_words import URL_PROBLEMS
from outbox.sealing import CannotUnseal
from outbox.webhook_rules import MAX_ATTEMPTS, SECRET_OVERLAP
from outbox.webhook_targets import BadUrl

HOUR_S = 3600


@team_role_required(MANAGE_WEBHOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    team = _chosen_team(request, slug)
    form = AddWebhookForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _list_page(request, team, form)
    try:
        webhook = actions.add_webhook(team=team, actor=signed_in_user(request), now=timezone.now(), **form.cleaned_data)
    except BadUrl as error:
        form.add_error("url", str(URL_PROBLEMS[error.problem]))
    except actions.TooManyWebhooks:
        form.add_error(None, gettext("Your team has as many webhooks as it may. Delete one first."))
    else:
        messages.success(request, gettext("The webhook is added. Give its secret to your program, then send a test."))
        return redirect("accounts:webhook", team.slug, webhook.pk)
    return _list_page(request, team, form)


@team_role_required(MANAGE_WEBHOOKS)
@require_http_methods(["GET", "HEAD"])
def webhook(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    return _webhook_page(request, _own_team(request, slug), endpoint_id)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def reveal_webhook_secret(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    team = _own_team(request, slug)
    try:
        secret = actions.reveal_webhook_secret(
            team=team, actor=signed_in_user(request), endpoint_id=endpoint_id, now=timezone.now()
        )
    except actions.WebhookNotFound as error:
        raise Http404 from error
    except CannotUnseal:
        messages.error(request, gettext("The secret cannot be opened any more. Make a new one."))
        return redirect("accounts:webhook", slug, endpoint_id)
    # No redirect: the secret stands in this answer alone, which nothing keeps.
    return _webhook_page(request, team, endpoint_id, secret=secret)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def rotate_webhook_secret(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    done = gettext("The webhook has a new secret. For 24 hours the old one signs beside it.")
    return _act(request, slug, endpoint_id, actions.rotate_webhook_secret, done)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def test_webhook(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    done = gettext("A test is on its way. Load this page again in a moment to see what came of it.")
    return _act(request, slug, endpoint_id, actions.send_test_webhook, done)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def disable_webhook(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    done = gettext("The webhook is switched off. Nothing leaves until you switch it on again.")
    return _act(request, slug, endpoint_id, actions.disable_webhook, done)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def enable_webhook(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    done = gettext("The webhook is switched on. What waited leaves first.")
    return _act(request, slug, endpoint_id, actions.enable_webhook, done)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def delete_webhook(request: HttpRequest, slug: str, endpoint_id: int) -> HttpResponse:
    team = _own_team(request, slug)
    try:
        actions.delete_webhook(team=team, actor=signed_in_user(request), endpoint_id=endpoint_id, now=timezone.now())
    except actions.WebhookNotFound as error:
        raise Http404 from error
    messages.success(request, gettext("The webhook is deleted, with its secret and all that was owed to it."))
    return redirect("accounts:webhooks-of", team.slug)


@team_role_required(MANAGE_WEBHOOKS)
@require_POST
def resend_webhook(request: HttpRequest, slug: str, endpoint_id: int, event_id: int) -> HttpResponse:
    def resend(**named: object) -> None:
        actions.resend_webhook(event_id=event_id, **named)  # type: ignore[arg-type] # what _act names

    return _act(
        request, slug, endpoint_id, resend, gettext("The event is on its way again, under the name that it had.")
    )


def _act(request: HttpRequest, slug: str, endpoint_id: int, action: Callable[..., None], done: str) -> HttpResponse:
    """This function will run the action of one button and say on the page how it went."""
    team, now = _own_team(request, slug), timezone.now()
    try:
        action(team=team, actor=signed_in_user(request), endpoint_id=endpoint_id, now=now)
    except actions.WebhookNotFound as error:
        raise Http404 from error
    except AccountsError as error:
        messages.warning(request, _reason(error))
    else:
        messages.success(request, done)
    return redirect("accounts:webhook", team.slug, endpoint_id)


def _reason(error: AccountsError) -> str:
    if isinstance(error, actions.WebhookDisabled):
        return gettext("The webhook is switched off. Switch it on first.")
    if isinstance(error, actions.TestUnderWay):
        return gettext("The test before this one has not left yet.")
    return gettext("This event cannot be sent again: it waits already, or its content was forgotten.")


def _list_page(request: HttpRequest, team: Team, form: AddWebhookForm) -> HttpResponse:
    shown = webhooks_of(team=team)
    context = {
        "team": team,
        "teams": teams_of(user=request.user, roles=MANAGE_WEBHOOKS).order_by("name", "pk"),
        "webhooks": shown,
        "form": form,
        "is_full": len(shown) >= MOST_WEBHOOKS and not form.is_bound,
        "most": MOST_WEBHOOKS,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "accounts/webhooks.html", context, status=status)


def _webhook_page(request: HttpRequest, team: Team, endpoint_id: int, *, secret: str = "") -> HttpResponse:
    shown = webhook_of(team=team, endpoint_id=endpoint_id)
    if shown is None:
        raise Http404
    context = {
        "team": team,
        "shown": shown,
        "endpoint": shown.webhook.endpoint,
        "events": newest_events(endpoint_id=endpoint_id),
        "most_events": EVENTS_SHOWN,
        "most_attempts": MAX_ATTEMPTS,
        "secret": secret,
        "overlap_hours": int(SECRET_OVERLAP.total_seconds()) // HOUR_S,
        "old_secret_until": _overlap_end(shown.webhook.endpoint.previous_secret_until, now=timezone.now()),
    }
    return render(request, "accounts/webhook.html", context)


def _overlap_end(until: datetime | None, *, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _own_team(request: HttpRequest, slug: str) -> Team:
    return get_object_or_404(teams_of(user=request.user, roles=MANAGE_WEBHOOKS), slug=slug)


def _chosen_team(request: HttpRequest, slug: str | None) -> Team:
    """This function will find the named team, or the first one, among those in which the visitor may manage webhooks."""
    teams = teams_of(user=request.user, roles=MANAGE_WEBHOOKS).order_by("name", "pk")
    first = teams.first() if slug is None else None
    return first or get_object_or_404(teams, slug=slug)
