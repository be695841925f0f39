"""Publishing the words of a petition."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import StaleText
from petitions.models import PetitionText


@transaction.atomic
def publish_text(
    *,
    petition_id: int,
    language: str,
    title: str,
    summary: str,
    body: str,
    seen_version: int,
    now: datetime,
    actor: User | None = None,
) -> PetitionText:
    """
    This function will publish the next version of a petition's text in one language; earlier ones stay readable.

    Args:    seen_version: the version that the author had before their eyes, 0 for none.
    Raises:  StaleText if it is no longer the newest: the author should see what they would have covered.
    Writes:  one PetitionText; an audit row. Publishing the very same words again writes nothing.
    """
    petition = locked_petition(petition_id=petition_id)
    newest = PetitionText.objects.filter(petition=petition, language=language).order_by("-version").first()
    if seen_version != (newest.version if newest else 0):
        raise StaleText(language)
    if newest and (newest.title, newest.summary, newest.body) == (title, summary, body):
        return newest
    text = PetitionText.objects.create(
        petition=petition,
        language=language,
        version=seen_version + 1,
        title=title,
        summary=summary,
        body=body,
        created_at=now,
    )
    audit(petition=petition, actor=actor, verb="petition.text-published", now=now, detail=f"{language} v{text.version}")
    return text
