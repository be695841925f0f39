"""What supporters say beside their name: the words waiting for review, and those that everybody may read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from accounts.models import Role, User
from outbox.digests import keyed_digest
from petitions.models import CommentState, Petition, Signature, SignatureQuerySet
from petitions.queries.organising import petitions_for
from petitions.queries.sealed import details_of, name_of
from petitions.queries.texts import petition_titles
from petitions.rules.comments import shown_name

COMMENTS_PER_PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})\Z", re.ASCII)  # microseconds up to the year 5138, and a number


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment as it is shown or would be: `name` is "" where its author wants none; `mark` says what was seen."""

    signature_id: int
    text: str
    name: str
    country: str
    language: str
    state: CommentState
    decided_at: datetime | None
    mark: str


@dataclass(frozen=True, kw_only=True)
class CommentPage:
    """Some comments, and the cursor from which the next ones go on, "" at the end."""

    comments: list[Comment]
    next_cursor: str


@dataclass(frozen=True, kw_only=True)
class WaitingComments:
    """How many comments of a petition wait for somebody to read them."""

    petition: Petition
    title: str
    count: int


def public_comments(*, petition: Petition, cursor: str = "", limit: int = COMMENTS_PER_PAGE) -> CommentPage:
    """
    This function will read the published comments of counted signatures, the newest decision first.

    Args:    cursor: from the page before; one that cannot be read is the beginning.
    Returns: at most `limit` of them in one statement, however many there are.
    """
    found = _comments_of(petition, CommentState.PUBLISHED).order_by("-comment_decided_at", "-id")
    place = _place_of(cursor)
    if place is not None:
        decided_at, number = place
        found = found.filter(comment_decided_at__lte=decided_at)
        found = found.filter(Q(comment_decided_at__lt=decided_at) | Q(pk__lt=number))
    rows = list(found[: limit + 1])
    return CommentPage(
        comments=list(_opened(rows[:limit])), next_cursor=_cursor_of(rows[limit - 1]) if len(rows) > limit else ""
    )


def comments_to_review(*, petition: Petition, state: CommentState, after: int = 0) -> CommentPage:
    """
    This function will read a petition's comments in one state for those who decide on them.

    Args:    after: the number of the last signature of the page before, 0 for the beginning.
    Returns: what waits, the longest first; of what was decided, the newest signature first. In one statement.
    """
    found = _comments_of(petition, state)
    if state == CommentState.WAITING:
        found = found.filter(pk__gt=after).order_by("id")
    else:
        found = (found.filter(pk__lt=after) if after else found).order_by("-id")
    rows = list(found[: COMMENTS_PER_PAGE + 1])
    shown = rows[:COMMENTS_PER_PAGE]
    return CommentPage(
        comments=list(_opened(shown)), next_cursor=str(shown[-1].pk) if len(rows) > COMMENTS_PER_PAGE else ""
    )


def waiting_comments(*, user: User, roles: frozenset[Role], language: str) -> list[WaitingComments]:
    """This function will count the waiting comments of the user's petitions, those without any left out; two statements."""
    waiting = Q(
        signatures__comment_state=CommentState.WAITING,
        signatures__invalidated_at__isnull=True,
        signatures__held_at__isnull=True,
    )
    found: Any = petitions_for(user=user, roles=roles).filter(waiting)
    petitions = list(found.annotate(waiting_count=Count("signatures", distinct=True)))
    titles = petition_titles(petitions=petitions, language=language)
    return [
        WaitingComments(petition=petition, title=titles[petition.pk], count=petition.waiting_count)
        for petition in petitions
    ]


def waiting_count(*, petition: Petition) -> int:
    """This function will count the comments of one petition that wait for review."""
    return _comments_of(petition, CommentState.WAITING).count()


def comment_mark(signature: Signature) -> str:
    """This function will name what a reviewer sees of a comment: its words, the name beside it, its state."""
    seen = [signature.pk, details_of(signature).comment, _name_beside(signature), signature.comment_state]
    return keyed_digest(text=json.dumps(seen), purpose="comment-seen").hex()[:32]


def _comments_of(petition: Petition, state: CommentState) -> SignatureQuerySet:
    return Signature.objects.counted().filter(petition=petition, comment_state=state)


def _opened(rows: list[Signature]) -> Iterator[Comment]:
    for row in rows:
        yield Comment(
            signature_id=row.pk,
            text=details_of(row).comment,
            name=_name_beside(row),
            country=row.country,
            language=row.language,
            state=CommentState(row.comment_state),
            decided_at=row.comment_decided_at,
            mark=comment_mark(row),
        )


def _name_beside(signature: Signature) -> str:
    return shown_name(name=name_of(signature), name_shown=signature.name_shown)


def _cursor_of(row: Signature) -> str:
    decided_at = row.comment_decided_at or _EPOCH
    return f"{(decided_at - _EPOCH) // timedelta(microseconds=1)}.{row.pk}"


def _place_of(cursor: str) -> tuple[datetime, int] | None:
    found = _CURSOR.match(cursor)
    return (_EPOCH + timedelta(microseconds=int(found[1])), int(found[2])) if found else None
