"""What signers say beside their name, written straight into their rows."""

from datetime import datetime

from petitions.models import CommentState, NameShown, Signature
from petitions.queries.sealed import Details
from tests.factories import NOW


def say(
    signature: Signature,
    *,
    comment: str = "",
    state: CommentState = CommentState.WAITING,
    name_shown: NameShown = NameShown.HIDDEN,
    postcode: str = "",
    choices: dict[str, str] | None = None,
    answers: dict[str, str] | None = None,
    decided_at: datetime = NOW,
) -> Signature:
    """This function will let a signature say more; a comment that is given waits unless `state` says otherwise."""
    signature.details_sealed = Details(postcode=postcode, comment=comment, answers=answers or {}).sealed()
    signature.choices = choices or {}
    signature.name_shown = name_shown
    signature.comment_state = state if comment else CommentState.NONE
    signature.comment_decided_at = decided_at if comment and state != CommentState.WAITING else None
    signature.save()
    return signature
