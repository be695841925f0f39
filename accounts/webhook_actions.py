"""A team's webhooks: every change of them, what is owed to them, and telling the team of one that we switched off."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import override

from accounts.actions import AccountsError, record_audit
from accounts.models import MOST_WEBHOOKS, Team, TeamWebhook, User
from accounts.roles import MANAGE_WEBHOOKS
from outbox.posting import check_url
from outbox.queue import queue_email
from outbox.webhook_models import (
    DisabledReason,
    OutgoingWebhook,
    WebhookEndpoint,
    WebhookState,
    sealed_secret,
    sealed_url,
)
from outbox.webhook_queue import queue_webhook, send_webhook_again
from outbox.webhook_rules import SECRET_OVERLAP, make_secret

TEST_EVENT = "webhook.test"
_OUR_REASONS = (DisabledReason.GONE, DisabledReason.FAILING)


class WebhookNotFound(AccountsError):
    """The team has no such webhook."""


class TooManyWebhooks(AccountsError):
    """The team has as many as it may."""


class WebhookDisabled(AccountsError):
    """Nothing is sent to it before somebody enables it."""


class TestUnderWay(AccountsError):
    """The test before this one has not left yet."""


class NothingToSend(AccountsError):
    """There is no such event, it waits already, or its content was forgotten."""


def add_webhook(*, team: Team, actor: User, url: str, description: str, now: datetime) -> TeamWebhook:
    """
    This function will add a webhook to a team, with a secret of its own.

    It looks the URL's host up, before any transaction.
    Raises:  BadUrl; TooManyWebhooks.
    Writes:  the endpoint with URL and secret sealed, the TeamWebhook under the lowest free number, an audit row.
    """
    check_url(url=url)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)  # two people at once get two numbers
        taken = set(TeamWebhook.objects.filter(team=team).values_list("number", flat=True))
        number = next((n for n in range(1, MOST_WEBHOOKS + 1) if n not in taken), None)
        if number is None:
            raise TooManyWebhooks("the team has as many as it may")
        endpoint = WebhookEndpoint.objects.create(
            url_sealed=sealed_url(url), secret_sealed=sealed_secret(make_secret()), free_at=now, created_at=now
        )
        webhook = TeamWebhook.objects.create(
            endpoint=endpoint, team=team, number=number, description=description, created_by=actor
        )
        _audit(webhook, "webhook.added", actor=actor, now=now)
    return webhook


@transaction.atomic
def rotate_webhook_secret(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> None:
    """
    This function will make a new secret; for SECRET_OVERLAP the old one signs beside it. Raises WebhookNotFound.

    Rotating again within that time ends the oldest at once.
    """
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(
        previous_secret_sealed=F("secret_sealed"),
        previous_secret_until=now + SECRET_OVERLAP,
        secret_sealed=sealed_secret(make_secret()),
    )
    _audit(webhook, "webhook.secret_rotated", actor=actor, now=now)


@transaction.atomic
def reveal_webhook_secret(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> str:
    """This function will open the newest secret and write down who saw it. Raises WebhookNotFound, CannotUnseal."""
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    _audit(webhook, "webhook.secret_shown", actor=actor, now=now)
    return webhook.endpoint.secret()


@transaction.atomic
def send_test_webhook(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> None:
    """
    This function will owe one test event, which is tried once.

    Raises:  WebhookNotFound; WebhookDisabled; TestUnderWay while one waits, so that no stranger's server is flooded.
    """
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    if not webhook.endpoint.is_enabled:
        raise WebhookDisabled("enable it first")
    if OutgoingWebhook.objects.filter(endpoint_id=endpoint_id, is_test=True, state=WebhookState.DUE).exists():
        raise TestUnderWay("the last test has not left yet")
    queue_webhook(
        endpoint_ids=[endpoint_id],
        event_type=TEST_EVENT,
        event_key=f"test:{secrets.token_hex(8)}",
        occurred_at=now,
        data={"team": team.slug},
        now=now,
        is_test=True,
    )
    _audit(webhook, "webhook.tested", actor=actor, now=now)


@transaction.atomic
def disable_webhook(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> None:
    """This function will stop a webhook at once; what is owed waits. Raises WebhookNotFound; again: changes nothing."""
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    if webhook.endpoint.is_enabled:
        WebhookEndpoint.objects.filter(pk=endpoint_id).update(
            disabled_at=now, disabled_reason=DisabledReason.BY_TEAM, team_told_at=None
        )
        _audit(webhook, "webhook.disabled", actor=actor, now=now)


@transaction.atomic
def enable_webhook(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> None:
    """This function will let events leave, those that waited first. Raises WebhookNotFound; again: changes nothing."""
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    if not webhook.endpoint.is_enabled:
        WebhookEndpoint.objects.filter(pk=endpoint_id).update(
            disabled_at=None, disabled_reason="", team_told_at=None, failing_since=None, free_at=F("created_at")
        )
        _audit(webhook, "webhook.enabled", actor=actor, now=now)


@transaction.atomic
def delete_webhook(*, team: Team, actor: User, endpoint_id: int, now: datetime) -> None:
    """This function will delete a webhook with its secret and everything owed to it. Raises WebhookNotFound."""
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    _audit(webhook, "webhook.deleted", actor=actor, now=now)
    webhook.endpoint.delete()


@transaction.atomic
def resend_webhook(*, team: Team, actor: User, endpoint_id: int, event_id: int, now: datetime) -> None:
    """
    This function will owe an event once more, under the webhook-id that it had.

    Raises:  WebhookNotFound; WebhookDisabled; NothingToSend.
    """
    webhook = _locked(team=team, endpoint_id=endpoint_id)
    if not webhook.endpoint.is_enabled:
        raise WebhookDisabled("enable it first")
    if not send_webhook_again(endpoint_id=endpoint_id, webhook_row_id=event_id, now=now):
        raise NothingToSend("it waits already, or its content was forgotten")
    _audit(webhook, "webhook.resent", actor=actor, now=now, what=f", event {event_id}")


def owe_team_event(
    *,
    team_id: int,
    event_type: str,
    event_key: str,
    occurred_at: datetime,
    data: Callable[[], dict[str, Any]],
    now: datetime,
) -> None:
    """
    This function will owe an event to every enabled webhook of a team, in the caller's transaction; once per `event_key`.

    Args:    data: asked for only if there is such a webhook; nothing about a person.
    """
    enabled = TeamWebhook.objects.filter(team_id=team_id, endpoint__disabled_at=None)
    endpoint_ids = list(enabled.order_by("endpoint_id").values_list("endpoint_id", flat=True))
    if endpoint_ids:
        queue_webhook(
            endpoint_ids=endpoint_ids,
            event_type=event_type,
            event_key=event_key,
            occurred_at=occurred_at,
            data=data(),
            now=now,
        )


def tell_of_disabled_webhook(*, now: datetime) -> bool:
    """
    This function will owe the mails about one webhook that we switched off, to all who may switch it on again.

    Returns: whether there was one.
    Writes:  outbox rows, WebhookEndpoint.team_told_at and an audit row without an actor, in one transaction.
    """
    with transaction.atomic():
        untold = TeamWebhook.objects.filter(
            endpoint__disabled_reason__in=_OUR_REASONS, endpoint__team_told_at__isnull=True
        )
        locked = untold.select_related("endpoint", "team").select_for_update(skip_locked=True, of=("self", "endpoint"))
        webhook = locked.order_by("pk").first()
        if webhook is None:
            return False
        for user in _people_of(webhook.team):
            _owe_mail(webhook, user, now=now)
        WebhookEndpoint.objects.filter(pk=webhook.pk).update(team_told_at=now)
        _audit(webhook, "webhook.disabled", actor=None, now=now, what=f", {webhook.endpoint.disabled_reason}")
    return True


def _locked(*, team: Team, endpoint_id: int) -> TeamWebhook:
    webhooks = TeamWebhook.objects.filter(team=team, pk=endpoint_id).select_related("endpoint", "team")
    webhook = webhooks.select_for_update(of=("self", "endpoint")).first()
    if webhook is None:
        raise WebhookNotFound("the team has no such webhook")
    return webhook


def _audit(webhook: TeamWebhook, verb: str, *, actor: User | None, now: datetime, what: str = "") -> None:
    subject = f"webhook {webhook.number}{what}"
    record_audit(team=webhook.team, actor=actor, verb=verb, subject=subject, now=now)


def _people_of(team: Team) -> list[User]:
    roles = {"memberships__team": team, "memberships__role__in": MANAGE_WEBHOOKS}
    return list(User.objects.filter(is_active=True, **roles).distinct().order_by("pk"))


def _owe_mail(webhook: TeamWebhook, user: User, *, now: datetime) -> None:
    with override(user.language):
        page = reverse("accounts:webhook", args=[webhook.team.slug, webhook.pk])
    disabled_at = webhook.endpoint.disabled_at or now
    queue_email(
        kind="webhook_disabled",
        unique_key=f"webhook_disabled:{webhook.pk}:{int(disabled_at.timestamp())}:user:{user.pk}",
        recipient=user.email,
        language=user.language,
        context={
            "team": webhook.team.name,
            "description": webhook.description,
            "is_gone": webhook.endpoint.disabled_reason == DisabledReason.GONE,
            "webhook_url": settings.SITE_URL + page,
        },
        now=now,
    )
