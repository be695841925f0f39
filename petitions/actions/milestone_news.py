"""Telling that a milestone was reached: the team and its programs at once, the supporters who asked for news in batches."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import formats, translation
from django.utils.timezone import localtime

from accounts.models import User
from accounts.roles import RUN_PETITIONS
from outbox.forgetting import forget_messages
from outbox.models import MessagePriority, MessageState, OutgoingMessage
from outbox.queue import queue_email
from outbox.sealing import unseal
from petitions.actions.webhook_events import owe_milestone_event
from petitions.models import Milestone, MilestoneNotice, Signature
from petitions.queries.links import absolute_url, milestone_url, my_signature_token, news_token
from petitions.queries.mail_keys import news_key, news_keys_of
from petitions.queries.texts import petition_title

NEWS_BATCH = 500


def owe_milestone_news(*, milestones: list[Milestone], now: datetime) -> None:
    """
    This function will owe the messages for milestones reached together, in the caller's transaction.

    Args:    milestones: of one petition, lowest threshold first, petition and team loaded.
    Writes:  one message to each owner and organiser for each milestone, and one event to each webhook of the team; for
             the supporters one MilestoneNotice, for the highest of them only, since nobody wants three mails of one
             moment.
    """
    for milestone in milestones:
        owe_milestone_event(milestone=milestone, now=now)
        for user in _organisers_of(team_id=milestone.petition.team_id):
            _owe_organiser(milestone=milestone, user=user, now=now)
    MilestoneNotice.objects.create(milestone=milestones[-1])


def expand_milestone_notice(*, now: datetime, batch: int = NEWS_BATCH) -> int:
    """
    This function will write the next batch of mails of the oldest owed notice, and remember how far it came.

    Returns: how many mails are owed by it; 0 when no notice is owed (or another process writes it just now).
    Writes:  outbox rows in bulk priority, to those whose signature counted when the milestone was reached and who
             asked for news; the notice's cursor, in the same transaction.
    """
    with transaction.atomic():
        notice = _owed_notice()
        if notice is None:
            return 0
        signatures = list(_asked_for_news(notice)[:batch])
        for signature in signatures:
            _owe_supporter(milestone=notice.milestone, signature=signature, now=now)
        _advance(notice, signatures=signatures, is_last=len(signatures) < batch, now=now)
    return len(signatures)


def forget_owed_news(*, signature: Signature, now: datetime) -> None:
    """
    This function will forget the news that is owed to a supporter who no longer wants it, in the caller's transaction.

    The caller has locked the signature, so that no batch is just owing more. What was sent stays what it is.
    """
    keys = news_keys_of(petition_id=signature.petition_id, signature_id=signature.pk)
    owed = OutgoingMessage.objects.filter(unique_key__in=keys, state=MessageState.DUE)
    forget_messages(unique_keys=list(owed.values_list("unique_key", flat=True)), now=now)


def _owed_notice() -> MilestoneNotice | None:
    owed = MilestoneNotice.objects.filter(expanded_at__isnull=True).select_related("milestone__petition")
    return owed.order_by("milestone_id").select_for_update(skip_locked=True, of=("self",)).first()


def _asked_for_news(notice: MilestoneNotice) -> QuerySet[Signature]:
    return (
        Signature.objects.counted()
        .filter(
            petition_id=notice.milestone.petition_id,
            wants_news=True,
            email_sealed__isnull=False,
            verified_at__lte=notice.milestone.reached_at,
            id__gt=notice.last_signature_id,
        )
        .order_by("id")
        .select_for_update(no_key=True)  # whoever ends the news meanwhile waits, and then finds the mail to delete
    )


def _advance(notice: MilestoneNotice, *, signatures: list[Signature], is_last: bool, now: datetime) -> None:
    if signatures:
        notice.last_signature_id = signatures[-1].pk
    if is_last:
        notice.expanded_at = now
    notice.save(update_fields=["last_signature_id", "expanded_at"])


def _organisers_of(*, team_id: int) -> QuerySet[User]:
    return (
        User.objects.filter(is_active=True, memberships__team_id=team_id, memberships__role__in=RUN_PETITIONS)
        .distinct()
        .order_by("id")
    )


def _owe_organiser(*, milestone: Milestone, user: User, now: datetime) -> None:
    queue_email(
        kind="milestone_reached",
        unique_key=f"milestone_reached:{milestone.pk}:user:{user.pk}",
        recipient=user.email,
        language=user.language,
        context={
            **_about(milestone=milestone, language=user.language),
            "organise_url": absolute_url(
                view="organise-petition", language=user.language, slug=milestone.petition.slug
            ),
        },
        now=now,
    )


def _owe_supporter(*, milestone: Milestone, signature: Signature, now: datetime) -> None:
    language = signature.language
    mine, news = (make(signature_id=signature.pk, now=now) for make in (my_signature_token, news_token))
    queue_email(
        kind="milestone_news",
        unique_key=news_key(milestone_id=milestone.pk, signature_id=signature.pk),
        recipient=unseal(sealed=bytes(signature.email_sealed or b""), purpose="signature.email"),
        language=language,
        context={
            **_about(milestone=milestone, language=language),
            "my_signature_url": absolute_url(view="my-signature", language=language, token=mine),
        },
        now=now,
        priority=MessagePriority.BULK,
        unsubscribe_url=absolute_url(view="unsubscribe", language=language, token=news),
    )


def _about(*, milestone: Milestone, language: str) -> dict[str, object]:
    reached_at = localtime(milestone.reached_at, ZoneInfo(milestone.petition.timezone))
    with translation.override(language):
        return {
            "petition_title": petition_title(petition=milestone.petition, language=language),
            "threshold": milestone.threshold,
            "reached_at": formats.date_format(reached_at, "DATETIME_FORMAT"),
            "timezone": milestone.petition.timezone,
            "petition_url": absolute_url(view="petition-detail", language=language, slug=milestone.petition.slug),
            "milestone_url": milestone_url(milestone=milestone, language=language),
        }
