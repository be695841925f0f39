"""Help is there in every language, for everyone, and somebody has checked it lately."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from testimonials.models import CrisisResource
from testimonials.queries.crisis import crisis_resources

LONGEST_UNCHECKED = timedelta(days=180)
pytestmark = pytest.mark.django_db


def test_every_line_of_help_was_checked_within_half_a_year() -> None:
    oldest = CrisisResource.objects.order_by("verified_at").first()

    assert oldest is not None
    assert timezone.now() - oldest.verified_at < LONGEST_UNCHECKED, f"call {oldest.phone} and read {oldest.url} again"


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_every_language_names_a_helpline_and_an_emergency_number(language: str) -> None:
    phones = {line.phone for line in crisis_resources(language=language)}

    assert {"3114", "116 123", "988", "112", "911", "999"} <= phones


def test_a_language_without_lines_of_its_own_shows_the_english_ones() -> None:
    assert crisis_resources(language="eo") == crisis_resources(language="en")


@pytest.mark.parametrize("route", ["testimonials:new-story", "testimonials:story-sent"])
def test_help_is_shown_to_everyone_before_and_after_writing(route: str, campaign: Campaign, client: Client) -> None:
    page = client.get(reverse(route, kwargs={"slug": campaign.slug})).content.decode()

    assert "116 123" in page
    assert "https://3114.fr/" in page
