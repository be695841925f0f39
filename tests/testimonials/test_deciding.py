"""What a moderator decides, and what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from campaigns.models import Campaign
from outbox.models import OutgoingMessage, Payload
from testimonials.actions.deciding import (
    DecisionNotOffered,
    OwnStory,
    ReasonsIncomplete,
    Seen,
    StaleDecision,
    UnknownRevision,
    approve_testimonial,
    decline_testimonial,
    pseudonym_of,
)
from testimonials.actions.leaving import withdraw_testimonial
from testimonials.models import Decision, ModeratorPrefs, ReasonCode, Status, Testimonial, TestimonialEvent
from tests.factories import NOW
from tests.testimonials.making import MESSAGE, make_pending, make_unverified, reloaded, seen

LATER = NOW + timedelta(hours=3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def story(campaign: Campaign) -> Testimonial:
    return make_pending(campaign=campaign, page_language="fr")


@pytest.fixture
def reason() -> ReasonCode:
    return ReasonCode.objects.get(code="other_people")


def assert_nothing_was_written(story: Testimonial) -> None:
    assert (reloaded(story).status, reloaded(story).version) == (story.status, story.version)
    assert not Decision.objects.exists()
    assert not OutgoingMessage.objects.exclude(kind="story_confirm").exists()
    assert TestimonialEvent.objects.filter(testimonial_id=story.pk, actor="moderator").count() == 0


def test_approving_publishes_what_was_seen_at_once(story: Testimonial, mona: User) -> None:
    approve_testimonial(testimonial=story, seen=seen(story), moderator=mona, now=LATER)

    story = reloaded(story)
    assert (story.status, story.version, story.publish_at) == (Status.PUBLISHED, 3, LATER)
    assert story.published_revision_id == story.current_revision_id
    decision = Decision.objects.get()
    assert (decision.action, decision.version_seen, decision.decided_by, decision.reason) == ("approve", 2, mona, None)


def test_approving_tells_the_author_in_their_language(story: Testimonial, mona: User) -> None:
    approve_testimonial(testimonial=story, seen=seen(story), moderator=mona, now=LATER)

    message = OutgoingMessage.objects.get(kind="story_published")
    context = Payload.unsealed(bytes(message.payload_sealed or b"")).context
    assert message.language == "fr"
    assert context["story_url"].endswith(f"/fr/campaigns/keep4o/stories/{story.pk}/")
    assert "/fr/my-story/" in context["my_story_url"]
    assert "3114" in str(context["crisis_resources"])
    assert "winter" not in str(context)


def test_declining_keeps_reason_and_message_and_sends_both(story: Testimonial, mona: User, reason: ReasonCode) -> None:
    decline_testimonial(testimonial=story, seen=seen(story), reason=reason, message=MESSAGE, moderator=mona, now=LATER)

    assert reloaded(story).status == Status.DECLINED
    decision = Decision.objects.get()
    assert (decision.action, decision.reason, decision.message) == ("decline", reason, MESSAGE)
    context = Payload.unsealed(bytes(OutgoingMessage.objects.get(kind="story_declined").payload_sealed or b"")).context
    assert context["reason_title"] == "Détails personnels d’autres personnes"
    assert context["message"] == MESSAGE


def test_the_history_names_a_moderator_by_pseudonym_only(story: Testimonial, mona: User) -> None:
    approve_testimonial(testimonial=story, seen=seen(story), moderator=mona, now=LATER)

    event = TestimonialEvent.objects.get(testimonial_id=story.pk, verb="approved")
    assert event.actor_pseudonym == pseudonym_of(user=mona) == ModeratorPrefs.objects.get(user=mona).pseudonym
    assert "Mona" not in event.actor_pseudonym
    assert (event.from_status, event.to_status, event.version) == ("pending", "published", 3)


def test_a_decision_on_an_older_version_is_refused_whole(story: Testimonial, mona: User, reason: ReasonCode) -> None:
    old = Seen(revision_id=story.current_revision_id, version=1)

    with pytest.raises(StaleDecision):
        approve_testimonial(testimonial=story, seen=old, moderator=mona, now=LATER)
    with pytest.raises(StaleDecision):
        decline_testimonial(testimonial=story, seen=old, reason=reason, message=MESSAGE, moderator=mona, now=LATER)

    assert_nothing_was_written(story)


def test_the_second_of_two_decisions_is_stale(story: Testimonial, mona: User, max_: User, reason: ReasonCode) -> None:
    screen = seen(story)
    approve_testimonial(testimonial=story, seen=screen, moderator=mona, now=LATER)

    with pytest.raises(StaleDecision):
        decline_testimonial(testimonial=story, seen=screen, reason=reason, message=MESSAGE, moderator=max_, now=LATER)

    assert reloaded(story).status == Status.PUBLISHED
    assert Decision.objects.count() == 1


def test_a_story_withdrawn_meanwhile_stays_withdrawn(story: Testimonial, mona: User) -> None:
    screen = seen(story)
    withdraw_testimonial(testimonial_id=story.pk, now=NOW)

    with pytest.raises(StaleDecision):
        approve_testimonial(testimonial=story, seen=screen, moderator=mona, now=LATER)

    assert reloaded(story).status == Status.WITHDRAWN


def test_a_story_that_does_not_wait_takes_no_decision(campaign: Campaign, mona: User) -> None:
    story = make_unverified(campaign=campaign)

    with pytest.raises(DecisionNotOffered):
        approve_testimonial(testimonial=story, seen=seen(story), moderator=mona, now=LATER)

    assert_nothing_was_written(story)


def test_another_storys_revision_is_refused(story: Testimonial, campaign: Campaign, mona: User) -> None:
    other = make_pending(campaign=campaign)

    for revision_id in (other.current_revision_id, uuid4()):
        with pytest.raises(UnknownRevision):
            approve_testimonial(
                testimonial=story,
                seen=Seen(revision_id=revision_id, version=story.version),
                moderator=mona,
                now=LATER,
            )

    assert_nothing_was_written(story)


def test_declining_without_message_or_with_a_retired_reason_is_refused(
    story: Testimonial, mona: User, reason: ReasonCode
) -> None:
    retired = ReasonCode(code="retired", position=99, is_active=False)

    for wrong_reason, message in ((reason, "  \n "), (retired, MESSAGE)):
        with pytest.raises(ReasonsIncomplete):
            decline_testimonial(
                testimonial=story, seen=seen(story), reason=wrong_reason, message=message, moderator=mona, now=LATER
            )

    assert_nothing_was_written(story)


def test_nobody_decides_on_their_own_story(campaign: Campaign, mona: User, reason: ReasonCode) -> None:
    story = make_pending(campaign=campaign, email="Mona+story@Example.org")

    with pytest.raises(OwnStory):
        approve_testimonial(testimonial=story, seen=seen(story), moderator=mona, now=LATER)
    with pytest.raises(OwnStory):
        decline_testimonial(
            testimonial=story, seen=seen(story), reason=reason, message=MESSAGE, moderator=mona, now=LATER
        )

    assert_nothing_was_written(story)


def test_a_pseudonym_is_drawn_once(mona: User, max_: User) -> None:
    assert pseudonym_of(user=mona) == pseudonym_of(user=mona)
    assert pseudonym_of(user=mona) != pseudonym_of(user=max_)
