"""The tag that other pages use, and the admin's lists."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from tests.factories import NOW, make_user
from tests.testimonials.making import make_draft, make_published

pytestmark = pytest.mark.django_db


def shown(campaign: Campaign, limit: int = 3) -> str:
    template = Template("{% load stories %}{% campaign_stories campaign limit %}")
    return template.render(Context({"campaign": campaign, "limit": limit}))


def test_the_tag_shows_the_newest_stories_and_no_more(campaign: Campaign) -> None:
    stories = [make_published(campaign=campaign, now=NOW + timedelta(hours=hour)) for hour in range(4)]

    html = shown(campaign)

    assert [story for story in stories if str(story.pk) in html] == stories[1:]
    assert html.index(str(stories[3].pk)) < html.index(str(stories[1].pk))


def test_the_tag_quotes_nothing_of_a_labelled_story(campaign: Campaign) -> None:
    make_published(campaign=campaign, draft=make_draft(content_labels=("grief",)))

    html = shown(campaign)

    assert "A story that speaks of: grief" in html
    assert "winter" not in html


def test_the_tag_invites_the_first_story(campaign: Campaign) -> None:
    assert reverse("testimonials:new-story", kwargs={"slug": campaign.slug}) in shown(campaign)


@pytest.mark.parametrize("model", ["crisisresource", "reasoncode"])
def test_operators_keep_help_and_reasons_up_to_date_in_the_admin(model: str, client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))

    assert client.get(reverse(f"admin:testimonials_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:testimonials_{model}_add")).status_code == 200
