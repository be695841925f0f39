"""The queue, the page of one story, and every answer to a decision."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from campaigns.models import Campaign
from outbox.models import OutgoingMessage
from testimonials.actions.deciding import pseudonym_of
from testimonials.models import Decision, Status, Testimonial, TestimonialEvent
from tests.factories import NOW, make_membership
from tests.testimonials.making import (
    MESSAGE,
    make_campaign,
    make_declined,
    make_draft,
    make_pending,
    make_published,
    make_unverified,
    reloaded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(campaign: Campaign) -> Testimonial:
    return make_pending(campaign=campaign)


@pytest.fixture
def queue_url(db: None) -> str:
    return reverse("testimonials:moderation-queue")


def story_url(story: Testimonial) -> str:
    return reverse("testimonials:moderate-story", kwargs={"testimonial_id": story.pk})


def decision(story: Testimonial, action: str, /, **overrides: Any) -> dict[str, Any]:
    """What the decision box sends for the story as it now stands; a field set to None is not sent."""
    fields = {
        "action": action,
        "version": story.version,
        "revision": story.current_revision_id,
        "reason": "other_people" if action == "decline" else "",
        "message": MESSAGE if action == "decline" else "",
        **overrides,
    }
    return {name: value for name, value in fields.items() if value is not None}


# --- the queue --------------------------------------------------------------------------------------------------------
def test_the_queue_lists_what_is_due_first_first(campaign: Campaign, queue_url: str, mona_client: Client) -> None:
    later = make_pending(campaign=campaign, now=NOW + timedelta(hours=2))
    earlier = make_pending(campaign=campaign, now=NOW)

    page = mona_client.get(queue_url).content.decode()

    assert page.index(str(earlier.pk)) < page.index(str(later.pk))
    assert "A movement" in page
    assert "Overdue" in page


def test_the_queue_shows_no_text_and_nothing_decided(campaign: Campaign, queue_url: str, mona_client: Client) -> None:
    make_pending(campaign=campaign)
    others = [make_unverified(campaign=campaign), make_published(campaign=campaign), make_declined(campaign=campaign)]

    page = mona_client.get(queue_url).content.decode()

    assert "winter" not in page
    assert not [other for other in others if str(other.pk) in page]


def test_an_empty_queue_says_so(queue_url: str, mona_client: Client) -> None:
    page = mona_client.get(queue_url).content.decode()

    assert "Nothing is waiting" in page
    assert "For you who read" in page


def test_a_moderator_sees_their_own_teams_only(queue_url: str, mona_client: Client) -> None:
    foreign = make_pending(campaign=make_campaign())

    assert str(foreign.pk) not in mona_client.get(queue_url).content.decode()
    assert mona_client.get(story_url(foreign)).status_code == 404
    assert mona_client.post(story_url(foreign), decision(foreign, "approve")).status_code == 404
    assert reloaded(foreign).status == Status.PENDING


@pytest.mark.parametrize("stories", [1, 5])
def test_the_queue_takes_as_many_queries_however_long(
    campaign: Campaign,
    queue_url: str,
    mona_client: Client,
    stories: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(stories):
        make_pending(campaign=campaign)

    with django_assert_max_num_queries(12):
        mona_client.get(queue_url)


def test_strangers_are_sent_to_sign_in_and_the_wrong_role_is_refused(
    story: Testimonial, queue_url: str, client: Client, charlie_client: Client
) -> None:
    for url in (queue_url, story_url(story)):
        assert client.get(url).status_code == 302
        assert client.post(url).status_code == 302
        assert charlie_client.get(url).status_code == 403
        assert charlie_client.post(url, decision(story, "approve")).status_code == 403
    assert reloaded(story).status == Status.PENDING


def test_an_organiser_who_does_not_moderate_is_refused(
    story: Testimonial, charlie: User, charlie_client: Client
) -> None:
    make_membership(user=charlie, team=story.campaign.team, role=Role.ORGANISER)

    assert charlie_client.get(story_url(story)).status_code == 403
    assert charlie_client.post(story_url(story), decision(story, "approve")).status_code == 403


# --- one story --------------------------------------------------------------------------------------------------------
def test_a_moderator_reads_the_story_with_consents_history_and_preview(campaign: Campaign, mona_client: Client) -> None:
    draft = make_draft(display_name="R. from Leeds", consents=frozenset({"publish", "press"}))
    story = make_pending(campaign=campaign, draft=draft, email="secret.author@example.org", page_language="fr")

    page = mona_client.get(story_url(story)).content.decode()

    assert page.count("winter") == 2  # the text, and the preview of what readers will see
    assert "R. from Leeds" in page
    assert "Quotation in the press" in page
    assert "confirmed the e-mail address" in page
    assert "The author reads French" in page
    assert "secret.author" not in page


def test_a_content_label_stands_before_the_text_and_keeps_it_closed(campaign: Campaign, mona_client: Client) -> None:
    story = make_pending(campaign=campaign, draft=make_draft(content_labels=("self_harm",)))

    page = mona_client.get(story_url(story)).content.decode()

    assert page.index("self-harm or suicide") < page.index("winter")
    assert page.index("Show it when you are ready") < page.index("winter") < page.index("</details>")


def test_a_story_page_refuses_other_methods_and_odd_ids(story: Testimonial, mona_client: Client) -> None:
    assert mona_client.put(story_url(story)).status_code == 405
    unknown = reverse("testimonials:moderate-story", kwargs={"testimonial_id": uuid4()})
    assert mona_client.get(unknown).status_code == 404


def test_a_decided_story_offers_no_decision(campaign: Campaign, mona_client: Client) -> None:
    page = mona_client.get(story_url(make_published(campaign=campaign))).content.decode()

    assert "Approve and publish" not in page
    assert "No decision is open" in page


# --- deciding ---------------------------------------------------------------------------------------------------------
def test_approving_publishes_and_returns_to_the_queue(
    story: Testimonial, queue_url: str, mona_client: Client, client: Client
) -> None:
    response = mona_client.post(story_url(story), decision(story, "approve"), follow=True)

    assert response.redirect_chain == [(queue_url, 302)]
    assert "The story is published" in response.content.decode()
    public = reverse("testimonials:story", kwargs={"slug": story.campaign.slug, "testimonial_id": story.pk})
    assert "winter" in client.get(public).content.decode()


def test_declining_with_reason_and_message_tells_the_author(story: Testimonial, mona_client: Client) -> None:
    response = mona_client.post(story_url(story), decision(story, "decline"))

    assert response.status_code == 302
    assert reloaded(story).status == Status.DECLINED
    assert OutgoingMessage.objects.filter(kind="story_declined").count() == 1


def assert_refused(response: Any, story: Testimonial, status: int = 422) -> None:
    assert response.status_code == status
    assert (reloaded(story).status, reloaded(story).version) == (story.status, story.version)
    assert not Decision.objects.exists()
    assert not OutgoingMessage.objects.exclude(kind="story_confirm").exists()


@pytest.mark.parametrize(
    "overrides",
    [
        {"reason": ""},
        {"reason": None},
        {"reason": "no-such-reason"},
        {"reason": "other_people\x00"},
        {"message": ""},
        {"message": " \u200b\n"},
        {"message": "x" * 2_001},
        {"message": "\ufffd"},
        {"version": None},
        {"version": ""},
        {"version": "two"},
        {"version": "-1"},
        {"version": "9" * 30},
        {"revision": None},
        {"revision": "1"},
        {"revision": "\x00"},
        {"revision": UUID(int=7)},
        {"action": "publish"},
        {"action": ""},
    ],
)
def test_an_incomplete_or_invented_decision_is_refused_and_the_message_kept(
    story: Testimonial, mona_client: Client, overrides: dict[str, Any]
) -> None:
    response = mona_client.post(story_url(story), decision(story, "decline", **overrides))

    assert_refused(response, story)
    page = response.content.decode()
    assert "error-summary" in page
    if "message" not in overrides:
        assert MESSAGE in page


def test_another_storys_revision_is_refused(campaign: Campaign, story: Testimonial, mona_client: Client) -> None:
    other = make_pending(campaign=campaign)

    data = decision(story, "approve", revision=other.current_revision_id)

    assert_refused(mona_client.post(story_url(story), data), story)


def test_a_decision_that_the_state_does_not_offer_is_refused(campaign: Campaign, mona_client: Client) -> None:
    story = make_unverified(campaign=campaign)

    response = mona_client.post(story_url(story), decision(story, "approve"))

    assert_refused(response, story)
    assert "This story is not waiting for a decision." in response.content.decode()


def test_the_slower_of_two_moderators_is_told_who_was_faster_and_keeps_their_message(
    story: Testimonial, mona: User, mona_client: Client, max_client: Client
) -> None:
    screen = decision(story, "decline")
    mona_client.post(story_url(story), decision(story, "approve"))

    response = max_client.post(story_url(story), screen)

    page = response.content.decode()
    assert response.status_code == 409
    assert f"<strong>{pseudonym_of(user=mona)}</strong> approved the story" in page
    assert "The state of this story: Published." in page
    assert MESSAGE in page
    assert "Mona" not in page
    assert reloaded(story).status == Status.PUBLISHED
    assert Decision.objects.count() == 1


def test_a_decision_on_a_story_withdrawn_meanwhile_is_a_conflict(
    story: Testimonial, mona_client: Client, client: Client
) -> None:
    screen = decision(story, "approve")
    Testimonial.objects.filter(pk=story.pk).update(status=Status.WITHDRAWN, version=3)

    response = mona_client.post(story_url(story), screen)

    assert response.status_code == 409
    assert not Decision.objects.exists()


def test_nobody_decides_on_their_own_story(campaign: Campaign, mona: User, mona_client: Client) -> None:
    story = make_pending(campaign=campaign, email=mona.email)

    page = mona_client.get(story_url(story)).content.decode()
    assert "This is your own story" in page
    assert "Approve and publish" not in page
    for action in ("approve", "decline"):
        assert_refused(mona_client.post(story_url(story), decision(story, action)), story, status=403)


def test_a_decision_needs_the_forms_token(story: Testimonial, mona: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)

    assert_refused(client.post(story_url(story), decision(story, "approve")), story, status=403)


def test_nothing_an_author_sees_names_a_moderator(story: Testimonial, mona: User, mona_client: Client) -> None:
    mona_client.post(story_url(story), decision(story, "decline"))

    assert TestimonialEvent.objects.filter(testimonial_id=story.pk, actor="moderator").exists()
    message = OutgoingMessage.objects.get(kind="story_declined")
    payload = bytes(message.payload_sealed or b"")
    assert b"Mona" not in payload
    assert pseudonym_of(user=mona).encode() not in payload
