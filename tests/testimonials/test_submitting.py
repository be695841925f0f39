"""Sending a story and confirming its address."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.identity import identity_digest
from campaigns.models import Campaign
from outbox.models import MessagePriority, OutgoingMessage, Payload
from testimonials.actions.leaving import erase_testimonial, withdraw_testimonial
from testimonials.actions.steps import StoryGone
from testimonials.actions.submitting import PublicationNotAgreed, confirm_testimonial
from testimonials.models import AuthorContact, Status, Testimonial, TestimonialEvent
from testimonials.rules.consents import CURRENT_VERSION
from tests.factories import ALICE, NOW
from tests.testimonials.making import BODY, make_draft, make_pending, make_unverified, reloaded

pytestmark = pytest.mark.django_db


def test_a_story_waits_unread_for_its_author_to_confirm(campaign: Campaign) -> None:
    story = make_unverified(campaign=campaign, email=ALICE)

    assert story.status == Status.UNVERIFIED
    assert story.current_revision.body == BODY
    assert not Testimonial.objects.awaiting_decision().exists()
    assert [event.verb for event in TestimonialEvent.objects.all()] == ["submitted"]


def test_the_address_is_kept_sealed_and_apart(campaign: Campaign) -> None:
    story = make_unverified(campaign=campaign, email=ALICE, draft=make_draft(display_name="Alice"))

    contact = AuthorContact.objects.get(testimonial=story)
    assert ALICE.encode() not in bytes(contact.email_sealed)
    assert b"Alice" not in bytes(story.display_name_sealed or b"")
    assert bytes(contact.identity_digest) != identity_digest(address=ALICE)  # no join with who signed


def test_each_consent_is_kept_with_the_wording_that_was_read(campaign: Campaign) -> None:
    draft = make_draft(consents=frozenset({"publish", "translate"}))

    story = make_unverified(campaign=campaign, draft=draft, page_language="fr")

    rows = story.consents.order_by("id").values_list("purpose", "text_version", "locale", "withdrawn_at")
    assert list(rows) == [("publish", CURRENT_VERSION, "fr", None), ("translate", CURRENT_VERSION, "fr", None)]


def test_a_story_without_consent_to_publication_is_not_kept(campaign: Campaign) -> None:
    with pytest.raises(PublicationNotAgreed):
        make_unverified(campaign=campaign, draft=make_draft(consents=frozenset({"press"})))

    assert not Testimonial.objects.exists()


def test_one_verification_mail_is_owed_and_never_holds_the_story(campaign: Campaign) -> None:
    make_unverified(campaign=campaign, email=ALICE, page_language="fr")

    message = OutgoingMessage.objects.get()
    assert (message.kind, message.language, message.priority) == ("story_confirm", "fr", MessagePriority.VERIFICATION)
    payload = Payload.unsealed(bytes(message.payload_sealed or b""))
    assert payload.recipient == ALICE
    assert "/fr/confirm-story/" in payload.context["confirm_url"]
    assert "winter" not in str(payload.context)


def test_one_address_gets_three_mails_a_day_for_one_campaign(campaign: Campaign) -> None:
    for _ in range(5):
        make_unverified(campaign=campaign, email="A.lice+x@googlemail.com")
    make_unverified(campaign=campaign, email="alice@gmail.com", now=NOW + timedelta(days=1))

    assert OutgoingMessage.objects.filter(created_at=NOW).count() == 3
    assert OutgoingMessage.objects.count() == 4
    assert Testimonial.objects.count() == 6


def test_confirming_puts_the_story_in_the_queue_for_three_days(campaign: Campaign) -> None:
    story = make_unverified(campaign=campaign)
    later = NOW + timedelta(hours=5)

    confirm_testimonial(testimonial_id=story.pk, now=later)

    story = reloaded(story)
    assert (story.status, story.version) == (Status.PENDING, 2)
    assert (story.confirmed_at, story.due_at) == (later, later + timedelta(hours=72))


def test_confirming_twice_changes_nothing(campaign: Campaign) -> None:
    story = make_pending(campaign=campaign)

    confirm_testimonial(testimonial_id=story.pk, now=NOW + timedelta(hours=5))

    assert reloaded(story).version == story.version
    assert [event.verb for event in TestimonialEvent.objects.order_by("number")] == ["submitted", "confirmed"]


def test_what_was_taken_back_cannot_be_confirmed(campaign: Campaign) -> None:
    for take_back in (withdraw_testimonial, erase_testimonial):
        story = make_unverified(campaign=campaign)
        take_back(testimonial_id=story.pk, now=NOW)
        with pytest.raises(StoryGone):
            confirm_testimonial(testimonial_id=story.pk, now=NOW)


def test_a_story_that_never_was_cannot_be_confirmed(db: None) -> None:
    with pytest.raises(Testimonial.DoesNotExist):
        confirm_testimonial(testimonial_id=uuid4(), now=NOW)
