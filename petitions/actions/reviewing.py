"""Deciding whether everybody may read what a supporter said beside their name."""

from datetime import datetime

from django.db import transaction

from accounts.actions import record_audit
from accounts.models import User
from petitions.models import CommentState, Signature
from petitions.queries.comments import comment_mark


class ReviewError(Exception):
    """What a decision refuses."""


class CommentGone(ReviewError):
    """There is no comment any more: its author took it or the signature back, or the signature does not count now."""


class CommentChanged(ReviewError):
    """It is not what the reviewer saw: its author changed it, or somebody else decided first."""


@transaction.atomic
def decide_comment(
    *, petition_id: int, signature_id: int, publish: bool, seen: str, now: datetime, actor: User
) -> Signature:
    """
    This function will publish or decline a comment, also one that was decided on before.

    Args:    seen: queries.comments.comment_mark of what was before the reviewer's eyes: words, name shown, state.
    Raises:  CommentGone; CommentChanged, also for the second of two at once.
    Writes:  Signature.comment_state, .comment_decided_at; an audit row with the signature's number and no word of it.
    """
    signatures = Signature.objects.counted().select_for_update(of=("self",), no_key=True)
    signature = signatures.select_related("petition__team").filter(petition_id=petition_id, pk=signature_id).first()
    if signature is None or signature.comment_state == CommentState.NONE:
        raise CommentGone
    if comment_mark(signature) != seen:
        raise CommentChanged
    signature.comment_state = CommentState.PUBLISHED if publish else CommentState.DECLINED
    signature.comment_decided_at = now
    signature.save(update_fields=["comment_state", "comment_decided_at"])
    record_audit(
        team=signature.petition.team,
        actor=actor,
        verb=f"comment.{signature.comment_state}",
        subject=f"{signature.petition.slug} signature {signature.pk}",
        now=now,
    )
    return signature
