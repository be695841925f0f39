"""What authors take back, in any state, alone and at once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection

from outbox.models import OutgoingMessage
from outbox.tasks import forget_owed_messages
from testimonials.actions.leaving import erase_testimonial, withdraw_consent, withdraw_testimonial
from testimonials.actions.purging import purge_expired_testimonials
from testimonials.actions.steps import StoryGone
from testimonials.actions.submitting import confirm_testimonial
from testimonials.models import AuthorContact, ConsentPurpose, Decision, Status, Testimonial, TestimonialEvent
from tests.factories import ALICE, NOW
from tests.outbox.test_forgetting import held_by_somebody_else
from tests.testimonials.making import (
    make_declined,
    make_draft,
    make_pending,
    make_published,
    make_unverified,
    reloaded,
)

LATER = NOW + timedelta(hours=3)
EVERY_STATE = (make_unverified, make_pending, make_published, make_declined)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", EVERY_STATE)
def test_a_story_is_withdrawn_from_every_state(make: Callable[[], Testimonial]) -> None:
    story = make()

    withdraw_testimonial(testimonial_id=story.pk, now=LATER)

    story = reloaded(story)
    assert (story.status, story.status_changed_at) == (Status.WITHDRAWN, LATER)
    assert not story.consents.filter(withdrawn_at__isnull=True).exists()
    assert not Testimonial.objects.public(now=LATER).exists()
    assert TestimonialEvent.objects.filter(testimonial_id=story.pk, verb="withdrew", actor="author").count() == 1


def test_withdrawing_twice_changes_nothing() -> None:
    story = make_published()
    withdraw_testimonial(testimonial_id=story.pk, now=LATER)

    withdraw_testimonial(testimonial_id=story.pk, now=LATER + timedelta(hours=1))

    assert reloaded(story).status_changed_at == LATER
    assert TestimonialEvent.objects.filter(verb="withdrew").count() == 1


def test_withdrawing_the_consent_to_publish_withdraws_the_story() -> None:
    story = make_published()

    withdraw_consent(testimonial_id=story.pk, purpose=ConsentPurpose.PUBLISH, now=LATER)

    assert reloaded(story).status == Status.WITHDRAWN


def test_withdrawing_another_consent_leaves_the_story_public() -> None:
    story = make_published(draft=make_draft(consents=frozenset({"publish", "press"})))

    for _ in range(2):
        withdraw_consent(testimonial_id=story.pk, purpose=ConsentPurpose.PRESS, now=LATER)

    assert Testimonial.objects.public(now=LATER).get() == story
    assert story.consents.get(purpose="press").withdrawn_at == LATER
    assert TestimonialEvent.objects.filter(verb="narrowed", reason_code="press").count() == 1


def test_no_consent_is_left_to_withdraw_once_the_story_is() -> None:
    story = make_pending()
    withdraw_testimonial(testimonial_id=story.pk, now=LATER)

    with pytest.raises(StoryGone):
        withdraw_consent(testimonial_id=story.pk, purpose=ConsentPurpose.PRESS, now=LATER)


def test_a_story_is_not_public_without_consent_whatever_its_status() -> None:
    story = make_published()

    story.consents.update(withdrawn_at=LATER)

    assert not Testimonial.objects.public(now=LATER).exists()


@pytest.mark.parametrize("make", EVERY_STATE)
def test_a_story_is_erased_from_every_state(make: Callable[[], Testimonial]) -> None:
    story = make()

    erase_testimonial(testimonial_id=story.pk, now=LATER)

    story = reloaded(story)
    assert (story.status, story.current_revision.body, story.display_name) == (Status.ERASED, None, "")
    assert not AuthorContact.objects.exists()
    assert not OutgoingMessage.objects.with_payload().exists()


def test_after_erasure_no_table_holds_text_name_address_or_message() -> None:
    secret = "kestrel"
    draft = make_draft(body=f"{secret} " * 20, display_name=secret, content_labels=("grief",))
    story = make_published(draft=draft, email=f"{secret}@example.org")

    erase_testimonial(testimonial_id=story.pk, now=LATER)

    assert secret not in everything_in_the_database()


def test_erasing_a_declined_story_erases_the_message_to_its_author() -> None:
    story = make_declined()

    erase_testimonial(testimonial_id=story.pk, now=LATER)

    decision = Decision.objects.get(testimonial=story)
    assert decision.message is None
    assert decision.reason_id == "other_people"


def test_after_erasure_the_history_still_adds_up() -> None:
    story = make_published()
    erase_testimonial(testimonial_id=story.pk, now=LATER)
    erase_testimonial(testimonial_id=story.pk, now=LATER)

    verbs = TestimonialEvent.objects.filter(testimonial_id=story.pk).order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["submitted", "confirmed", "approved", "erased"]


def test_erasing_leaves_the_mails_of_other_stories() -> None:
    story, other = make_unverified(email=ALICE), make_unverified(email=ALICE)

    erase_testimonial(testimonial_id=story.pk, now=LATER)

    assert OutgoingMessage.objects.with_payload().get().unique_key.startswith(f"testimonial:{other.pk.hex}:")


@pytest.mark.django_db(transaction=True)
def test_erasing_while_a_delivery_holds_the_mail_leaves_nothing_of_it() -> None:
    story = make_unverified(email=ALICE)
    message = OutgoingMessage.objects.get()

    with held_by_somebody_else(message):
        erase_testimonial(testimonial_id=story.pk, now=LATER)
    forget_owed_messages()

    assert OutgoingMessage.objects.get().payload_sealed is None


@pytest.mark.parametrize("take_back", [withdraw_testimonial, erase_testimonial])
def test_a_story_that_never_was_cannot_be_taken_back(take_back: Callable[..., Testimonial]) -> None:
    with pytest.raises(Testimonial.DoesNotExist):
        take_back(testimonial_id=uuid4(), now=LATER)


# --- the end of a retention period ------------------------------------------------------------------------------------
def withdrawn() -> Testimonial:
    return withdraw_testimonial(testimonial_id=make_published().pk, now=NOW)


@pytest.mark.parametrize(("make", "days"), [(make_unverified, 7), (withdrawn, 30), (make_declined, 180)])
def test_what_is_kept_too_long_is_erased(make: Callable[[], Testimonial], days: int) -> None:
    story = make()

    assert purge_expired_testimonials(now=NOW + timedelta(days=days, seconds=-1)) == 0
    assert purge_expired_testimonials(now=NOW + timedelta(days=days)) == 1

    assert reloaded(story).status == Status.ERASED
    event = TestimonialEvent.objects.filter(testimonial_id=story.pk).latest("number")
    assert (event.verb, event.actor) == ("expired", "system")


def test_what_is_public_or_waits_is_never_purged() -> None:
    make_published()
    make_pending()

    assert purge_expired_testimonials(now=NOW + timedelta(days=10_000)) == 0


def test_a_story_confirmed_in_time_is_not_purged() -> None:
    story = make_unverified()
    confirm_testimonial(testimonial_id=story.pk, now=NOW + timedelta(days=6))

    assert purge_expired_testimonials(now=NOW + timedelta(days=8)) == 0


def everything_in_the_database() -> str:
    texts = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, '|'), '') FROM {model._meta.db_table} t")
            texts.append(cursor.fetchone()[0])
    return "\n".join(texts)
