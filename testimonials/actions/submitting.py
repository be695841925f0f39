"""Sending a story and confirming the address that it came from. Nothing reaches a moderator before that."""

import hashlib
import uuid
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from accounts.identity import identity_digest
from campaigns.models import Campaign
from outbox.sealing import seal
from testimonials.actions.letters import owe_confirmation_letter
from testimonials.actions.steps import Step, StoryGone, TestimonialError, append_event, take_step
from testimonials.models import AuthorContact, Consent, EventActor, EventVerb, Revision, Status, Testimonial
from testimonials.models.stories import DIGEST_PURPOSE, EMAIL_PURPOSE, NAME_PURPOSE
from testimonials.rules.consents import CURRENT_VERSION, PUBLISH, PURPOSES
from testimonials.rules.stories import MAILS_PER_DAY, StoryDraft, decision_due_at


class PublicationNotAgreed(TestimonialError):
    """Without consent to publication there is no story to keep."""


@transaction.atomic
def submit_testimonial(
    *, campaign: Campaign, draft: StoryDraft, email: str, page_language: str, now: datetime
) -> Testimonial:
    """
    Keep a story, unverified, until its author follows the link that is mailed to them.

    Args:    draft: cleaned by the form, its author of age.  email: a valid address.
             page_language: of the page that the author read; consents and mails are in it.
    Raises:  PublicationNotAgreed without the consent to publish.
    Writes:  Testimonial, Revision, AuthorContact, Consent for each purpose, TestimonialEvent; owes one mail, unless
             three left today for this address and campaign.
    """
    if PUBLISH not in draft.consents:
        raise PublicationNotAgreed("a story without consent to publication is not kept")
    testimonial = _create_story(campaign=campaign, draft=draft, now=now)
    _record_consents(testimonial=testimonial, purposes=draft.consents, locale=page_language, now=now)
    contact = _create_contact(testimonial=testimonial, email=email, language=page_language, now=now)
    step = Step(verb=EventVerb.SUBMITTED, actor=EventActor.AUTHOR)
    append_event(testimonial=testimonial, step=step, from_status="", now=now)
    if contact.mail_number is not None:
        owe_confirmation_letter(contact=contact, now=now)
    return testimonial


@transaction.atomic
def confirm_testimonial(*, testimonial_id: uuid.UUID, now: datetime) -> Testimonial:
    """
    Put a story before the moderators, its author having followed the mailed link; doing so twice changes nothing.

    Raises:  Testimonial.DoesNotExist; StoryGone if it was withdrawn or erased meanwhile.
    Writes:  status pending, confirmed_at, due_at; one TestimonialEvent.
    """
    testimonial = Testimonial.objects.select_for_update().get(pk=testimonial_id)
    if testimonial.status in (Status.WITHDRAWN, Status.ERASED):
        raise StoryGone("withdrawn or erased before it was confirmed")
    if testimonial.status == Status.UNVERIFIED:
        take_step(
            testimonial=testimonial,
            step=Step(verb=EventVerb.CONFIRMED, actor=EventActor.AUTHOR),
            to_status=Status.PENDING,
            now=now,
            confirmed_at=now,
            due_at=decision_due_at(confirmed_at=now),
        )
    return testimonial


def _create_story(*, campaign: Campaign, draft: StoryDraft, now: datetime) -> Testimonial:
    revision = Revision(number=1, body=draft.body, sha256=hashlib.sha256(draft.body.encode()).digest(), created_at=now)
    testimonial = Testimonial.objects.create(
        campaign=campaign,
        language=draft.language,
        content_labels=list(draft.content_labels),
        display_name_sealed=seal(text=draft.display_name, purpose=NAME_PURPOSE) if draft.display_name else None,
        current_revision_id=revision.pk,  # the foreign key is checked at commit, the revision being next
        adult_declared_at=now,
        submitted_at=now,
        status_changed_at=now,
    )
    revision.testimonial = testimonial
    revision.save(force_insert=True)
    return testimonial


def _record_consents(*, testimonial: Testimonial, purposes: frozenset[str], locale: str, now: datetime) -> None:
    Consent.objects.bulk_create(
        Consent(testimonial=testimonial, purpose=purpose, text_version=CURRENT_VERSION, locale=locale, given_at=now)
        for purpose in PURPOSES
        if purpose in purposes
    )


def _create_contact(*, testimonial: Testimonial, email: str, language: str, now: datetime) -> AuthorContact:
    digest = identity_digest(address=email, purpose=DIGEST_PURPOSE)
    return AuthorContact.objects.create(
        testimonial=testimonial,
        campaign_id=testimonial.campaign_id,
        email_sealed=seal(text=email, purpose=EMAIL_PURPOSE),
        identity_digest=digest,
        language=language,
        mailed_on=now.date(),
        mail_number=_next_mail_number(campaign_id=testimonial.campaign_id, digest=digest, now=now),
    )


def _next_mail_number(*, campaign_id: int, digest: bytes, now: datetime) -> int | None:
    """Number today's mails to one address, one author at a time: two at once would both be the third."""
    with connection.cursor() as cursor:
        key = f"author_contact {campaign_id} {digest.hex()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    today = AuthorContact.objects.filter(campaign_id=campaign_id, identity_digest=digest, mailed_on=now.date())
    number: int = (today.aggregate(last=Max("mail_number"))["last"] or 0) + 1
    return number if number <= MAILS_PER_DAY else None
