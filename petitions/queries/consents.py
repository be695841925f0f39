"""The versions of the words that ask for news, and how many agreed to each."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count

from petitions.models import NewsConsent, Petition, Signature

COUNTS_KEPT_S = 60


@dataclass(frozen=True, kw_only=True)
class ConsentVersion:
    """One version with the number of those who want news now and agreed to it; None: the site's own words."""

    consent: NewsConsent | None
    agreed: int


def consent_versions(*, petition: Petition) -> list[ConsentVersion]:
    """This function will list the versions, the newest first and the site's own words last; two statements."""
    counts = consent_counts(petition=petition)
    versions = NewsConsent.objects.filter(petition=petition).order_by("-version")
    listed = [ConsentVersion(consent=consent, agreed=counts.get(consent.pk, 0)) for consent in versions]
    return [*listed, ConsentVersion(consent=None, agreed=counts.get(None, 0))]


def consent_counts(*, petition: Petition) -> dict[int | None, int]:
    """
    This function will count who wants news now, by the version of the words that they agreed to.

    Returns: by NewsConsent's number; None for the site's own words. Counted signatures only, up to COUNTS_KEPT_S old.
    """
    key = f"consents:{petition.pk}"
    counts: dict[Any, int] | None = cache.get(key)
    if counts is None:
        wanting = Signature.objects.counted().filter(petition=petition, wants_news=True)
        counts = dict(wanting.values_list("news_consent_id").annotate(n=Count("pk")).order_by())
        cache.set(key, counts, COUNTS_KEPT_S)
    return counts
