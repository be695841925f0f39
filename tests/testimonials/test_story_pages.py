"""What readers see: the list of stories and each story's page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign
from testimonials.actions.leaving import erase_testimonial, withdraw_testimonial
from testimonials.models import Testimonial
from tests.factories import NOW
from tests.testimonials.making import (
    BODY,
    make_campaign,
    make_declined,
    make_draft,
    make_moderator,
    make_pending,
    make_published,
    make_unverified,
)

pytestmark = pytest.mark.django_db


def list_url(campaign: Campaign) -> str:
    return reverse("testimonials:stories", kwargs={"slug": campaign.slug})


def story_url(story: Testimonial, campaign: Campaign | None = None) -> str:
    slug = (campaign or story.campaign).slug
    return reverse("testimonials:story", kwargs={"slug": slug, "testimonial_id": story.pk})


def test_published_stories_are_listed_newest_first(campaign: Campaign, client: Client) -> None:
    for number, word in enumerate(("older", "newer")):
        draft = make_draft(body=f"The {word} story. {BODY}")
        make_published(campaign=campaign, draft=draft, now=NOW + timedelta(hours=number))

    page = client.get(list_url(campaign)).content.decode()

    assert page.index("The newer story.") < page.index("The older story.")


def test_nothing_but_published_stories_is_listed(campaign: Campaign, client: Client) -> None:
    make_unverified(campaign=campaign)
    make_pending(campaign=campaign)
    make_declined(campaign=campaign)
    make_published(campaign=make_campaign())
    withdraw_testimonial(testimonial_id=make_published(campaign=campaign).pk, now=NOW)
    erase_testimonial(testimonial_id=make_published(campaign=campaign).pk, now=NOW)
    make_published(campaign=campaign, now=timezone.now() + timedelta(hours=1))

    page = client.get(list_url(campaign)).content.decode()

    assert "winter" not in page
    assert "No story has been published yet" in page


def test_stories_can_be_read_in_one_language(campaign: Campaign, client: Client) -> None:
    make_published(campaign=campaign, draft=make_draft(body=f"In English. {BODY}"))
    make_published(campaign=campaign, draft=make_draft(body=f"En français. {BODY}", language="fr"))

    page = client.get(list_url(campaign), {"language": "fr"}).content.decode()

    assert "En français." in page
    assert "In English." not in page
    assert 'lang="fr" dir="auto"' in page


@pytest.mark.parametrize("query", [{"language": "xx"}, {"page": "0"}, {"page": "x"}, {"page": "9" * 40}])
def test_a_filter_or_page_that_is_none_shows_the_stories(
    campaign: Campaign, client: Client, query: dict[str, str]
) -> None:
    make_published(campaign=campaign)

    response = client.get(list_url(campaign), query)

    assert response.status_code == 200
    assert "winter" in response.content.decode()


def test_long_lists_are_parted_into_pages(campaign: Campaign, client: Client) -> None:
    moderator = make_moderator(campaign.team)
    for number in range(11):
        make_published(campaign=campaign, moderator=moderator, now=NOW + timedelta(minutes=number))

    first, second = (client.get(list_url(campaign), {"page": page}).content.decode() for page in (1, 2))

    assert (first.count('class="story"'), second.count('class="story"')) == (10, 1)


@pytest.mark.parametrize("stories", [1, 5])
def test_a_list_takes_four_queries_however_long(
    campaign: Campaign, client: Client, stories: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(stories):
        make_published(campaign=campaign)

    with django_assert_num_queries(4):  # campaign, its title, count, page
        client.get(list_url(campaign))


def test_a_labelled_story_is_closed_until_a_reader_opens_it(campaign: Campaign, client: Client) -> None:
    story = make_published(campaign=campaign, draft=make_draft(content_labels=("grief", "self_harm")))

    for url in (list_url(campaign), story_url(story)):
        page = client.get(url).content.decode()
        assert "This story speaks of: grief, self-harm or suicide. Show it" in page
        assert page.index("<details") < page.index("winter") < page.index("</details>")
        assert "<details open" not in page


def test_an_author_appears_as_they_chose(campaign: Campaign, client: Client) -> None:
    named = make_published(campaign=campaign, draft=make_draft(display_name="R. from Leeds"))
    anonymous = make_published(campaign=campaign)

    assert "R. from Leeds" in client.get(story_url(named)).content.decode()
    assert "Anonymous" in client.get(story_url(anonymous)).content.decode()


def test_what_an_author_typed_is_text_and_never_markup(campaign: Campaign, client: Client) -> None:
    draft = make_draft(body=f"<script>alert(1)</script> {BODY}", display_name="<b>Eve</b>")
    story = make_published(campaign=campaign, draft=draft)

    page = client.get(story_url(story)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page


@pytest.mark.parametrize("take_back", [withdraw_testimonial, erase_testimonial])
def test_a_story_taken_back_is_gone_from_its_address(campaign: Campaign, client: Client, take_back) -> None:  # type: ignore[no-untyped-def]
    story = make_published(campaign=campaign)
    take_back(testimonial_id=story.pk, now=NOW)

    response = client.get(story_url(story))

    assert response.status_code == 410
    assert "winter" not in response.content.decode()


def test_a_story_that_was_never_public_has_no_page(campaign: Campaign, client: Client) -> None:
    for story in (
        make_unverified(campaign=campaign),
        make_pending(campaign=campaign),
        make_declined(campaign=campaign),
    ):
        assert client.get(story_url(story)).status_code == 404


def test_a_story_has_no_page_under_another_campaign(campaign: Campaign, client: Client) -> None:
    story = make_published(campaign=campaign)

    assert client.get(story_url(story, make_campaign())).status_code == 404


def test_an_unknown_story_or_campaign_is_not_found(campaign: Campaign, client: Client) -> None:
    unknown = {"slug": campaign.slug, "testimonial_id": uuid4()}

    assert client.get(reverse("testimonials:story", kwargs=unknown)).status_code == 404
    assert client.get(reverse("testimonials:stories", kwargs={"slug": "no-such"})).status_code == 404
    assert client.get(f"{list_url(campaign)}not-a-uuid/").status_code == 404


def test_a_draft_campaign_shows_no_stories(client: Client) -> None:
    draft = make_campaign(is_public=False)
    story = make_published(campaign=draft)

    for url in (list_url(draft), story_url(story)):
        assert client.get(url).status_code == 404


def test_reading_pages_refuse_to_be_posted_to(campaign: Campaign, client: Client) -> None:
    for url in (list_url(campaign), story_url(make_published(campaign=campaign))):
        assert client.post(url).status_code == 405


def test_reading_sets_no_cookie_and_is_cached_for_a_second_only(campaign: Campaign, client: Client) -> None:
    for url in (list_url(campaign), story_url(make_published(campaign=campaign))):
        response = client.get(url)
        assert not response.cookies
        assert "public" in response.headers["Cache-Control"]
        assert "s-maxage=1" in response.headers["Cache-Control"]
        assert "Cookie" not in response.headers.get("Vary", "")


def test_the_pages_speak_french(campaign: Campaign, client: Client) -> None:
    make_published(campaign=campaign)

    with translation.override("fr"):
        url = list_url(campaign)
    page = client.get(url).content.decode()

    assert '<html lang="fr"' in page
    assert "Un mouvement" in page
