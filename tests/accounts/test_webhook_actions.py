"""What a team may do to its webhooks: each act, what it refuses, again, and several at once; and telling of one that ended."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import webhook_actions as actions
from accounts.models import MOST_WEBHOOKS, AuditEntry, Role, Team, TeamWebhook, User
from accounts.tasks import tell_of_disabled_webhooks
from outbox.models import OutgoingMessage
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState
from outbox.webhook_rules import SECRET_OVERLAP
from outbox.webhook_targets import BadUrl
from tests.accounts.webhooks import URL, make_webhook
from tests.factories import NOW, make_membership, make_team, make_user
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def webhook(team: Team, bob: User) -> TeamWebhook:
    return make_webhook(team=team, actor=bob)


def endpoint_of(webhook: TeamWebhook) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=webhook.pk)


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_webhook_is_added_with_its_url_and_secret_sealed(webhook: TeamWebhook, bob: User) -> None:
    endpoint = endpoint_of(webhook)

    assert endpoint.url() == URL
    assert endpoint.secret().startswith("whsec_")
    assert b"hidden" not in bytes(endpoint.url_sealed)
    assert (webhook.number, webhook.created_by, verbs()) == (1, bob, ["webhook.added"])
    assert "127.0.0.1" not in AuditEntry.objects.get().subject


def test_a_url_that_leads_inside_is_not_added(team: Team, bob: User) -> None:
    with pytest.raises(BadUrl):
        make_webhook(team=team, actor=bob, url="https://10.0.0.1/")

    assert not WebhookEndpoint.objects.exists()


def test_a_team_has_as_many_webhooks_as_it_may_and_numbers_are_used_again(team: Team) -> None:
    webhooks = [make_webhook(team=team) for _ in range(MOST_WEBHOOKS)]
    with pytest.raises(actions.TooManyWebhooks):
        make_webhook(team=team)

    webhooks[1].endpoint.delete()

    assert make_webhook(team=team).number == 2
    assert make_webhook(team=make_team()).number == 1


@pytest.mark.django_db(transaction=True)
def test_additions_at_once_never_pass_the_limit() -> None:
    team, user = make_team(), make_user()

    outcomes = run_in_parallel(lambda: make_webhook(team=team, actor=user), times=8)

    assert sorted(TeamWebhook.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert [type(outcome) for outcome in outcomes].count(actions.TooManyWebhooks) == 3


@pytest.mark.parametrize("number", [0, MOST_WEBHOOKS + 1])
def test_the_database_itself_knows_the_limit(webhook: TeamWebhook, number: int) -> None:
    with pytest.raises(IntegrityError, match="team_webhook_number_in_range"), transaction.atomic():
        TeamWebhook.objects.update(number=number)


def test_a_new_secret_signs_beside_the_old_one_for_a_day(webhook: TeamWebhook, team: Team, bob: User) -> None:
    old = endpoint_of(webhook).secret()

    actions.rotate_webhook_secret(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    endpoint = endpoint_of(webhook)
    assert list(endpoint.secrets_in_force(now=NOW)) == [endpoint.secret(), old]
    assert list(endpoint.secrets_in_force(now=NOW + SECRET_OVERLAP)) == [endpoint.secret()]
    assert endpoint.secret() != old


def test_who_sees_the_secret_is_written_down(webhook: TeamWebhook, team: Team, bob: User) -> None:
    secret = actions.reveal_webhook_secret(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    assert secret == endpoint_of(webhook).secret()
    assert verbs() == ["webhook.added", "webhook.secret_shown"]


def test_one_test_at_a_time_is_owed(webhook: TeamWebhook, team: Team, bob: User) -> None:
    actions.send_test_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)
    with pytest.raises(actions.TestUnderWay):
        actions.send_test_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=LATER)

    assert OutgoingWebhook.objects.get().is_test


@pytest.mark.django_db(transaction=True)
def test_tests_at_once_are_owed_once() -> None:
    team, user = make_team(), make_user()
    webhook = make_webhook(team=team, actor=user)

    run_in_parallel(lambda: actions.send_test_webhook(team=team, actor=user, endpoint_id=webhook.pk, now=NOW), times=6)

    assert OutgoingWebhook.objects.count() == 1


def test_switching_off_and_on_again_is_written_down_once_each(webhook: TeamWebhook, team: Team, bob: User) -> None:
    for act in (actions.disable_webhook, actions.disable_webhook, actions.enable_webhook, actions.enable_webhook):
        act(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    assert verbs() == ["webhook.added", "webhook.disabled", "webhook.enabled"]
    assert endpoint_of(webhook).is_enabled


def test_nothing_is_owed_by_hand_to_a_webhook_that_is_off(webhook: TeamWebhook, team: Team, bob: User) -> None:
    actions.disable_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    with pytest.raises(actions.WebhookDisabled):
        actions.send_test_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)
    with pytest.raises(actions.WebhookDisabled):
        actions.resend_webhook(team=team, actor=bob, endpoint_id=webhook.pk, event_id=1, now=NOW)


def test_a_deleted_webhook_takes_all_that_was_owed_to_it_along(webhook: TeamWebhook, team: Team, bob: User) -> None:
    actions.send_test_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    actions.delete_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)

    assert not any(model.objects.exists() for model in (WebhookEndpoint, TeamWebhook, OutgoingWebhook))
    assert verbs()[-1] == "webhook.deleted"


def test_an_event_is_sent_again_only_when_it_has_ended(webhook: TeamWebhook, team: Team, bob: User) -> None:
    actions.send_test_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=NOW)
    event = OutgoingWebhook.objects.get()

    def resend() -> None:
        actions.resend_webhook(team=team, actor=bob, endpoint_id=webhook.pk, event_id=event.pk, now=LATER)

    with pytest.raises(actions.NothingToSend):
        resend()
    OutgoingWebhook.objects.update(state=WebhookState.FAILED, attempts=7)
    resend()
    again = OutgoingWebhook.objects.get()
    assert (again.state, again.attempts, again.webhook_id) == (WebhookState.DUE, 0, event.webhook_id)
    OutgoingWebhook.objects.update(state=WebhookState.FAILED, body="")
    with pytest.raises(actions.NothingToSend):
        resend()


@pytest.mark.parametrize(
    "act",
    [
        actions.rotate_webhook_secret,
        actions.reveal_webhook_secret,
        actions.send_test_webhook,
        actions.disable_webhook,
        actions.enable_webhook,
        actions.delete_webhook,
    ],
)
def test_another_team_cannot_touch_it(webhook: TeamWebhook, bob: User, act: object) -> None:
    before = WebhookEndpoint.objects.values().get()

    with pytest.raises(actions.WebhookNotFound):
        act(team=make_team(), actor=bob, endpoint_id=webhook.pk, now=NOW)  # type: ignore[operator]

    assert WebhookEndpoint.objects.values().get() == before


# --- Telling of one that we switched off ------------------------------------------------------------------------------
def disabled_by_us(webhook: TeamWebhook, reason: DisabledReason) -> None:
    WebhookEndpoint.objects.filter(pk=webhook.pk).update(disabled_at=NOW, disabled_reason=reason)


def test_everybody_who_may_mend_it_is_told_once(webhook: TeamWebhook, team: Team, bob: User, mona: User) -> None:
    organiser = make_membership(team=team, role=Role.ORGANISER, user=make_user(language="fr")).user
    make_membership(team=team, role=Role.OWNER, user=make_user(is_active=False))
    disabled_by_us(webhook, DisabledReason.FAILING)

    assert actions.tell_of_disabled_webhook(now=NOW)
    assert not actions.tell_of_disabled_webhook(now=NOW)

    told = OutgoingMessage.objects.filter(kind="webhook_disabled").order_by("id")
    assert [message.payload().recipient for message in told] == [bob.email, organiser.email]
    assert [message.language for message in told] == ["en", "fr"]
    assert "/fr/organise/webhooks/" in told[1].payload().context["webhook_url"]
    assert AuditEntry.objects.latest("id").actor is None


def test_a_webhook_that_its_team_switched_off_is_no_news(webhook: TeamWebhook) -> None:
    disabled_by_us(webhook, DisabledReason.BY_TEAM)

    tell_of_disabled_webhooks()

    assert not OutgoingMessage.objects.exists()


def test_one_that_ends_again_is_told_of_again(webhook: TeamWebhook, team: Team, bob: User) -> None:
    disabled_by_us(webhook, DisabledReason.GONE)
    tell_of_disabled_webhooks()
    actions.enable_webhook(team=team, actor=bob, endpoint_id=webhook.pk, now=LATER)
    WebhookEndpoint.objects.update(disabled_at=LATER, disabled_reason=DisabledReason.GONE)

    tell_of_disabled_webhooks()

    assert OutgoingMessage.objects.filter(kind="webhook_disabled").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_a_person_once() -> None:
    team = make_membership(role=Role.OWNER).team
    disabled_by_us(make_webhook(team=team), DisabledReason.GONE)

    results_of(run_in_parallel(lambda: actions.tell_of_disabled_webhook(now=NOW), times=4))

    assert OutgoingMessage.objects.count() == 1
