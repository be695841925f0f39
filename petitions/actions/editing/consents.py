"""The words beside the box that asks for news, kept by version: a signature says to which of them it agreed."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from petitions.actions.editing.common import audit, locked_petition
from petitions.actions.editing.errors import StaleConsent
from petitions.models import NewsConsent


@transaction.atomic
def publish_news_consent(
    *, petition_id: int, labels: Mapping[str, str], seen_version: int, now: datetime, actor: User | None = None
) -> NewsConsent:
    """
    This function will publish the next version of the words by which supporters agree to news; earlier ones stay.

    Args:    labels: by language.  seen_version: the version before the organiser's eyes, 0 for the site's own words.
    Raises:  StaleConsent if it is no longer the newest.
    Writes:  one NewsConsent; an audit row. Publishing the very same words again writes nothing.
    """
    petition = locked_petition(petition_id=petition_id)
    newest = NewsConsent.objects.filter(petition=petition).order_by("-version").first()
    if seen_version != (newest.version if newest else 0):
        raise StaleConsent
    if newest and newest.labels == dict(labels):
        return newest
    consent = NewsConsent.objects.create(
        petition=petition, version=seen_version + 1, labels=dict(labels), created_at=now
    )
    audit(petition=petition, actor=actor, verb="news-consent.published", now=now, detail=f"v{consent.version}")
    return consent
