"""What the database itself refuses, whoever writes."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from testimonials.models import AuthorContact, Consent, Decision, Revision, Status, Testimonial, TestimonialEvent
from tests.factories import NOW
from tests.testimonials.making import make_declined, make_pending, make_published, make_unverified

pytestmark = pytest.mark.django_db


def assert_refused(constraint: str, model: type[Model], pk: object, **changes: object) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        change_and_check(model, pk, changes)


@transaction.atomic
def change_and_check(model: type[Model], pk: object, changes: dict[str, object]) -> None:
    """Write, and make the database judge at once what it would judge at the commit."""
    model._default_manager.filter(pk=pk).update(**changes)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_published_story_has_a_revision_and_a_date() -> None:
    story = make_published()

    constraint = "testimonial_published_has_revision_and_date"
    assert_refused(constraint, Testimonial, story.pk, published_revision=None)
    assert_refused(constraint, Testimonial, story.pk, publish_at=None)


def test_nothing_is_published_or_decided_on_unconfirmed() -> None:
    story = make_unverified()

    for status in (Status.PENDING, Status.DECLINED):
        assert_refused("testimonial_moderated_is_confirmed", Testimonial, story.pk, status=status)


def test_a_status_language_or_label_that_is_none_is_refused() -> None:
    story = make_pending()

    assert_refused("testimonial_status_known", Testimonial, story.pk, status="approved")
    assert_refused("testimonial_language_known", Testimonial, story.pk, language="xx")
    assert_refused("testimonial_labels_known", Testimonial, story.pk, content_labels=["cheerful"])
    assert_refused("testimonial_version_positive", Testimonial, story.pk, version=0)


def test_a_story_points_at_no_other_storys_revision() -> None:
    story, other = make_published(), make_pending()

    assert_refused("current_revision_is_its_own", Testimonial, story.pk, current_revision=other.current_revision)
    assert_refused("published_revision_is_its_own", Testimonial, story.pk, published_revision=other.current_revision)


def test_an_erased_story_keeps_no_name_and_no_label() -> None:
    story = make_pending()

    assert_refused(
        "testimonial_erased_says_nothing", Testimonial, story.pk, status=Status.ERASED, content_labels=["grief"]
    )


@pytest.mark.parametrize("body", ["x" * 49, "x" * 8_001, ""])
def test_a_text_of_the_wrong_length_is_refused(body: str) -> None:
    story = make_pending()
    revision = Revision(
        testimonial=story, number=2, body=body, sha256=hashlib.sha256(body.encode()).digest(), created_at=NOW
    )

    with pytest.raises(IntegrityError, match="revision_body_length"), transaction.atomic():
        revision.save(force_insert=True)


def test_a_revision_is_never_rewritten_nor_deleted() -> None:
    story = make_pending()
    revisions = Revision.objects.filter(testimonial=story)

    for change in ({"body": "y" * 60}, {"number": 2}, {"created_at": NOW - timedelta(days=1)}):
        with pytest.raises(DatabaseError, match="can be erased, not changed"), transaction.atomic():
            revisions.update(**change)
    with pytest.raises(DatabaseError, match="can be erased, not changed"), transaction.atomic():
        revisions._raw_delete(revisions.db)


def test_a_revision_can_be_erased() -> None:
    story = make_pending()

    Revision.objects.filter(testimonial=story).update(body=None, sha256=None)

    assert Revision.objects.get(testimonial=story).body is None


def test_declining_says_why() -> None:
    decision = Decision.objects.get(testimonial=make_declined())

    assert_refused("decision_declining_says_why", Decision, decision.pk, message="")
    assert_refused("decision_declining_says_why", Decision, decision.pk, reason=None)
    assert_refused("decision_message_length", Decision, decision.pk, message="x" * 2_001)


def test_a_reason_that_was_used_cannot_be_deleted() -> None:
    decision = Decision.objects.get(testimonial=make_declined())
    assert decision.reason is not None

    with pytest.raises(IntegrityError):
        decision.reason.delete()


def test_one_consent_to_a_purpose_is_active_at_a_time() -> None:
    consent = Consent.objects.get(testimonial=make_pending())
    consent.pk = None

    with pytest.raises(IntegrityError, match="consent_one_active"), transaction.atomic():
        consent.save(force_insert=True)


def test_a_fourth_mail_a_day_is_refused() -> None:
    contact = AuthorContact.objects.get(testimonial=make_unverified())

    assert_refused("author_contact_three_mails_a_day", AuthorContact, contact.pk, mail_number=4)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE testimonials_testimonialevent SET verb = 'approved'",
        "DELETE FROM testimonials_testimonialevent",
        "TRUNCATE testimonials_testimonialevent",
    ],
)
def test_the_event_log_refuses_every_change(statement: str) -> None:
    make_pending()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert TestimonialEvent.objects.count() == 2


def test_a_moderator_stands_in_the_log_by_pseudonym_and_nobody_else_does() -> None:
    for actor, pseudonym in (("moderator", ""), ("author", "Salix 123")):
        entry = TestimonialEvent(
            testimonial_id=uuid4(),
            number=1,
            verb="approved",
            actor=actor,
            actor_pseudonym=pseudonym,
            to_status="published",
            version=1,
            revision_id=uuid4(),
            at=NOW,
            prev_hash=b"",
            hash=b"",
        )
        with pytest.raises(IntegrityError, match="pseudonym_of_moderator"), transaction.atomic():
            entry.save(force_insert=True)
