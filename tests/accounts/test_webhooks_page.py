"""The pages of a team's webhooks."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import MOST_WEBHOOKS, Team, TeamWebhook, User
from accounts.webhook_actions import owe_team_event
from outbox.webhook_models import DisabledReason, OutgoingWebhook, WebhookEndpoint, WebhookState
from tests.accounts.webhooks import URL, make_webhook
from tests.factories import NOW, make_team

ACTS = ("test-webhook", "disable-webhook", "enable-webhook", "rotate-webhook-secret", "reveal-webhook-secret")


@pytest.fixture
def webhook(team: Team, bob: User) -> TeamWebhook:
    return make_webhook(team=team, actor=bob)


def page_of(webhook: TeamWebhook) -> str:
    return reverse("accounts:webhook", args=[webhook.team.slug, webhook.pk])


def press(client: Client, act: str, webhook: TeamWebhook) -> str:
    answer = client.post(reverse(f"accounts:{act}", args=[webhook.team.slug, webhook.pk]), follow=True)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_a_webhook_is_added_and_its_page_shows_neither_query_nor_secret(bob_client: Client, team: Team) -> None:
    url = reverse("accounts:webhooks-of", args=[team.slug])

    answer = bob_client.post(url, {"url": f" {URL} ", "description": "our newsletter"}, follow=True)

    webhook = TeamWebhook.objects.get()
    page = answer.content.decode()
    assert answer.redirect_chain == [(page_of(webhook), HTTPStatus.FOUND)]
    assert "http://127.0.0.1:9/hooks?…" in page
    for hidden in ("key=hidden", webhook.endpoint.secret()):
        assert hidden not in page
        assert hidden not in bob_client.get(reverse("accounts:webhooks")).content.decode()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "This field is required."),
        ("our server", "no address that can be posted to"),
        ("http://example.org/", "must begin with https://"),
        ("https://me:secret@example.org/", "no user name and no password"),
        ("https://example.org:22/", "ports 443 and 8443"),
        ("https://10.0.0.1/", "not the open internet"),
        ("https://169.254.169.254/latest/", "not the open internet"),
        ("https://[::ffff:10.0.0.1]/", "not the open internet"),
    ],
)
def test_what_nothing_is_posted_to_is_refused_in_words_and_kept(
    bob_client: Client, team: Team, url: str, sentence: str
) -> None:
    address = reverse("accounts:webhooks-of", args=[team.slug])

    answer = bob_client.post(address, {"url": url, "description": "our newsletter"})

    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in page
    assert "our newsletter" in page
    assert not WebhookEndpoint.objects.exists()


def test_a_full_team_is_told_so_in_place_of_the_form(bob_client: Client, team: Team) -> None:
    for _ in range(MOST_WEBHOOKS):
        make_webhook(team=team)
    url = reverse("accounts:webhooks-of", args=[team.slug])

    assert "Delete one to add another." in bob_client.get(url).content.decode()
    answer = bob_client.post(url, {"url": URL, "description": "one more"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "as many webhooks as it may" in answer.content.decode()


def test_each_button_does_what_it_says(bob_client: Client, webhook: TeamWebhook) -> None:
    assert "A test is on its way" in press(bob_client, "test-webhook", webhook)
    assert "has not left yet" in press(bob_client, "test-webhook", webhook)
    assert "switched off" in press(bob_client, "disable-webhook", webhook)
    assert "Switch it on first" in press(bob_client, "test-webhook", webhook)
    assert "switched on" in press(bob_client, "enable-webhook", webhook)
    assert "new secret" in press(bob_client, "rotate-webhook-secret", webhook)
    assert "the old secret signs beside" in bob_client.get(page_of(webhook)).content.decode()


def test_the_secret_is_shown_when_asked_for_and_in_that_answer_alone(bob_client: Client, webhook: TeamWebhook) -> None:
    secret = webhook.endpoint.secret()
    url = reverse("accounts:reveal-webhook-secret", args=[webhook.team.slug, webhook.pk])

    answer = bob_client.post(url)

    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in bob_client.get(page_of(webhook)).content.decode()


def test_a_secret_that_opens_no_more_is_said_and_can_be_made_anew(bob_client: Client, webhook: TeamWebhook) -> None:
    WebhookEndpoint.objects.update(secret_sealed=b"x", url_sealed=b"x")

    assert "cannot be opened any more" in press(bob_client, "reveal-webhook-secret", webhook)
    press(bob_client, "rotate-webhook-secret", webhook)
    assert "whsec_" in press(bob_client, "reveal-webhook-secret", webhook)


def test_the_newest_events_are_shown_with_what_became_of_them(bob_client: Client, webhook: TeamWebhook) -> None:
    press(bob_client, "test-webhook", webhook)
    OutgoingWebhook.objects.update(state=WebhookState.FAILED, attempts=1, last_answer="timeout")
    event = OutgoingWebhook.objects.get()

    page = bob_client.get(page_of(webhook)).content.decode()
    assert "No answer within ten seconds" in page
    assert "Not taken" in page
    again = reverse("accounts:resend-webhook", args=[webhook.team.slug, webhook.pk, event.pk])
    assert again in page
    assert "on its way again" in bob_client.post(again, follow=True).content.decode()
    assert "cannot be sent again" in bob_client.post(again, follow=True).content.decode()


def test_an_event_says_what_it_is_about_as_long_as_its_content_is_kept(
    bob_client: Client, webhook: TeamWebhook
) -> None:
    owe_team_event(
        team_id=webhook.team_id,
        event_type="petition.milestone_reached",
        event_key="one",
        occurred_at=NOW,
        data=lambda: {"petition": "keep-gpt-4o", "threshold": 20_000},
        now=NOW,
    )

    assertContains(bob_client.get(page_of(webhook)), "keep-gpt-4o · 20,000")
    OutgoingWebhook.objects.update(state=WebhookState.SENT, sent_at=NOW, body="")
    forgotten = bob_client.get(page_of(webhook))
    assertContains(forgotten, "A milestone was reached")
    assertNotContains(forgotten, "keep-gpt-4o · 20,000")


def test_one_that_we_switched_off_says_why(bob_client: Client, webhook: TeamWebhook) -> None:
    for reason, words in ((DisabledReason.GONE, "answered 410"), (DisabledReason.FAILING, "took no event for days")):
        WebhookEndpoint.objects.update(disabled_at=timezone.now(), disabled_reason=reason)

        assert words in bob_client.get(page_of(webhook)).content.decode()


def test_a_webhook_is_deleted_for_good(bob_client: Client, webhook: TeamWebhook) -> None:
    assert "is deleted" in press(bob_client, "delete-webhook", webhook)
    assert bob_client.get(page_of(webhook)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("act", [*ACTS, "delete-webhook"])
def test_acts_are_posts_and_the_team_is_ones_own(bob_client: Client, webhook: TeamWebhook, act: str) -> None:
    theirs = make_webhook(team=make_team())

    own = reverse(f"accounts:{act}", args=[webhook.team.slug, webhook.pk])
    assert bob_client.get(own).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    for slug in (webhook.team.slug, theirs.team.slug):
        url = reverse(f"accounts:{act}", args=[slug, theirs.pk])
        assert bob_client.post(url).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("act", [*ACTS, "delete-webhook"])
def test_a_wrong_role_and_a_stranger_are_kept_out(
    mona_client: Client, client: Client, webhook: TeamWebhook, act: str
) -> None:
    url = reverse(f"accounts:{act}", args=[webhook.team.slug, webhook.pk])

    assert mona_client.post(url).status_code == HTTPStatus.FORBIDDEN
    assert client.post(url).headers["Location"].startswith("/en/accounts/login/")


def test_the_list_costs_the_same_for_one_and_for_five(
    bob_client: Client, webhook: TeamWebhook, django_assert_max_num_queries: object
) -> None:
    for _ in range(MOST_WEBHOOKS - 1):
        make_webhook(team=webhook.team)

    with django_assert_max_num_queries(10):  # type: ignore[operator]
        bob_client.get(reverse("accounts:webhooks"))
