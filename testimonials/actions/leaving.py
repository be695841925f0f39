"""What authors take back: a consent, the story, everything. Alone, at once, in any state, and without saying why."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from outbox.forgetting import forget_messages
from outbox.models import OutgoingMessage
from testimonials.actions.letters import message_prefix
from testimonials.actions.steps import Step, StoryGone, append_event, take_step
from testimonials.models import (
    AuthorContact,
    Consent,
    ConsentPurpose,
    Decision,
    EventActor,
    EventVerb,
    Status,
    Testimonial,
)

_TAKEN_BACK = (Status.WITHDRAWN, Status.ERASED)


@transaction.atomic
def withdraw_testimonial(*, testimonial_id: uuid.UUID, now: datetime) -> Testimonial:
    """
    Take a story back; from this instant nothing public shows it. Doing so twice changes nothing.

    Raises:  Testimonial.DoesNotExist.
    Writes:  status withdrawn, every consent withdrawn; one TestimonialEvent.
    """
    testimonial = Testimonial.objects.select_for_update().get(pk=testimonial_id)
    if testimonial.status not in _TAKEN_BACK:
        _withdraw_consents(testimonial=testimonial, now=now)
        step = Step(verb=EventVerb.WITHDREW, actor=EventActor.AUTHOR)
        take_step(testimonial=testimonial, step=step, to_status=Status.WITHDRAWN, now=now)
    return testimonial


@transaction.atomic
def withdraw_consent(*, testimonial_id: uuid.UUID, purpose: ConsentPurpose, now: datetime) -> Testimonial:
    """
    Take one consent back; the one to publish takes the story with it. Doing so twice changes nothing.

    Raises:  Testimonial.DoesNotExist; StoryGone if all was taken back already.
    Writes:  Consent.withdrawn_at; one TestimonialEvent. The story's version stays: no decision depends on it.
    """
    if purpose == ConsentPurpose.PUBLISH:
        return withdraw_testimonial(testimonial_id=testimonial_id, now=now)
    testimonial = Testimonial.objects.select_for_update().get(pk=testimonial_id)
    if testimonial.status in _TAKEN_BACK:
        raise StoryGone("every consent was withdrawn with the story")
    if _active_consents(testimonial).filter(purpose=purpose).update(withdrawn_at=now):
        step = Step(verb=EventVerb.NARROWED, actor=EventActor.AUTHOR, reason_code=purpose.value)
        append_event(testimonial=testimonial, step=step, from_status=testimonial.status, now=now)
    return testimonial


@transaction.atomic
def erase_testimonial(
    *,
    testimonial_id: uuid.UUID,
    now: datetime,
    verb: EventVerb = EventVerb.ERASED,
    actor: EventActor = EventActor.AUTHOR,
) -> Testimonial:
    """
    Wipe a story's text, name and address for good. What stays says that there was a story, and nothing of it.

    Raises:  Testimonial.DoesNotExist.
    Writes:  bodies, messages and name emptied, the contact deleted, the mails about it emptied; one TestimonialEvent.
    """
    testimonial = Testimonial.objects.select_for_update().get(pk=testimonial_id)
    if testimonial.status == Status.ERASED:
        return testimonial
    _withdraw_consents(testimonial=testimonial, now=now)
    testimonial.revisions.update(body=None, sha256=None)
    Decision.objects.filter(testimonial=testimonial).update(message=None)
    AuthorContact.objects.filter(testimonial=testimonial).delete()
    _forget_messages(testimonial, now=now)
    take_step(
        testimonial=testimonial,
        step=Step(verb=verb, actor=actor),
        to_status=Status.ERASED,
        now=now,
        display_name_sealed=None,
        content_labels=[],
    )
    return testimonial


def _active_consents(testimonial: Testimonial) -> QuerySet[Consent]:
    return Consent.objects.filter(testimonial=testimonial, withdrawn_at__isnull=True)


def _withdraw_consents(*, testimonial: Testimonial, now: datetime) -> None:
    _active_consents(testimonial).update(withdrawn_at=now)


def _forget_messages(testimonial: Testimonial, *, now: datetime) -> None:
    """Empty the mails about a story; one that a delivery or a change of keys holds is emptied right after."""
    about_it = OutgoingMessage.objects.filter(unique_key__startswith=message_prefix(testimonial))
    forget_messages(unique_keys=list(about_it.values_list("unique_key", flat=True)), now=now)
