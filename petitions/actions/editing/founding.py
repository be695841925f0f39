"""Founding a petition."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from petitions.actions.editing.common import audit
from petitions.actions.editing.errors import SlugTaken
from petitions.models import Petition


def create_petition(
    *,
    team: Team,
    slug: str,
    addressee: str,
    default_language: str,
    timezone: str,
    now: datetime,
    actor: User | None = None,
    asks_country: bool = True,
) -> Petition:
    """
    This function will found a petition as a draft that nobody outside the team can see.

    Args:    slug, addressee, default_language, timezone: shape checked by the form.
    Raises:  SlugTaken, also when two are founded at once.
    Writes:  the Petition with the default ladder; an audit row.
    """
    try:
        with transaction.atomic():
            petition = Petition.objects.create(
                team=team,
                slug=slug,
                addressee=addressee,
                default_language=default_language,
                timezone=timezone,
                asks_country=asks_country,
                created_at=now,
            )
            audit(petition=petition, actor=actor, verb="petition.created", now=now)
    except IntegrityError as error:
        if "petition_unique_slug" in str(error):
            raise SlugTaken(slug) from error
        raise
    return petition
