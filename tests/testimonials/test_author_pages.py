"""The pages behind an author's links."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tokens import make_token
from testimonials.actions.leaving import erase_testimonial, withdraw_testimonial
from testimonials.actions.letters import CONFIRM_PURPOSE, MANAGE_PURPOSE, my_story_token
from testimonials.models import Status, Testimonial
from tests.factories import ALICE, NOW
from tests.testimonials.making import (
    MESSAGE,
    make_declined,
    make_draft,
    make_pending,
    make_published,
    make_unverified,
    reloaded,
)

pytestmark = pytest.mark.django_db


def confirm_url(story: Testimonial, *, age: timedelta = timedelta(0)) -> str:
    token = make_token(purpose=CONFIRM_PURPOSE, fields=(story.pk.hex,), now=timezone.now() - age)
    return reverse("testimonials:confirm-story", kwargs={"token": token})


def own_url(story: Testimonial, route: str = "my-story", **kwargs: str) -> str:
    token = my_story_token(testimonial=story, now=NOW)
    return reverse(f"testimonials:{route}", kwargs={"token": token, **kwargs})


# --- confirming -------------------------------------------------------------------------------------------------------
def test_following_the_link_changes_nothing_and_shows_a_button(client: Client) -> None:
    story = make_unverified()

    response = client.get(confirm_url(story))

    assert response.status_code == 200
    assert "Yes, this is my story" in response.content.decode()
    assert reloaded(story).status == Status.UNVERIFIED


def test_pressing_the_button_sends_the_story_to_the_moderators(client: Client) -> None:
    story = make_unverified()

    response = client.post(confirm_url(story))

    assert response.status_code == 303
    assert reloaded(story).status == Status.PENDING
    page = client.get(response.headers["Location"]).content.decode()
    assert "it is the next in line" in page


def test_pressing_the_button_twice_leads_to_the_same_page(client: Client) -> None:
    story = make_unverified()
    url = confirm_url(story)

    answers = [client.post(url).status_code, client.post(url).status_code, client.get(url).status_code]

    assert answers == [303, 303, 303]
    assert reloaded(story).version == 2


def test_a_link_older_than_a_week_is_gone(client: Client) -> None:
    story = make_unverified()
    url = confirm_url(story, age=timedelta(days=7, minutes=1))

    assert (client.get(url).status_code, client.post(url).status_code) == (410, 410)
    assert reloaded(story).status == Status.UNVERIFIED


@pytest.mark.parametrize("take_back", [withdraw_testimonial, erase_testimonial])
def test_what_was_taken_back_is_not_confirmed_by_its_old_link(client: Client, take_back) -> None:  # type: ignore[no-untyped-def]
    story = make_unverified()
    take_back(testimonial_id=story.pk, now=NOW)
    url = confirm_url(story)

    assert (client.get(url).status_code, client.post(url).status_code) == (410, 410)
    assert "This link no longer works" in client.get(url).content.decode()


# --- links that are none ----------------------------------------------------------------------------------------------
ROUTES = ("confirm-story", "my-story", "my-story-data", "withdraw-story", "erase-story")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("token", ["x", "é" * 40, "a.b~c", "0" * 32 + ".1~" + "x" * 43, "\u202e" * 10, "'; DROP TABLE"])
def test_a_forged_link_opens_nothing(client: Client, route: str, token: str) -> None:
    url = reverse(f"testimonials:{route}", kwargs={"token": token})

    assert client.get(url).status_code == 404
    assert client.post(url).status_code in (404, 405)


@pytest.mark.parametrize("route", ROUTES)
def test_a_cut_link_opens_nothing(client: Client, route: str) -> None:
    story = make_unverified()
    token = my_story_token(testimonial=story, now=NOW)[:-5]

    assert client.get(reverse(f"testimonials:{route}", kwargs={"token": token})).status_code == 404


def test_a_link_made_for_one_purpose_opens_no_other(client: Client) -> None:
    story = make_unverified()
    manage = my_story_token(testimonial=story, now=timezone.now())
    confirm = make_token(purpose=CONFIRM_PURPOSE, fields=(story.pk.hex,), now=timezone.now())

    assert client.post(reverse("testimonials:confirm-story", kwargs={"token": manage})).status_code == 404
    assert client.get(reverse("testimonials:my-story", kwargs={"token": confirm})).status_code == 404


def test_a_genuine_link_to_no_story_opens_nothing(client: Client) -> None:
    for fields in (("0" * 32,), ("zzz",)):
        token = make_token(purpose=MANAGE_PURPOSE, fields=fields, now=timezone.now())
        assert client.get(reverse("testimonials:my-story", kwargs={"token": token})).status_code == 404


# --- my story ---------------------------------------------------------------------------------------------------------
def test_an_author_sees_their_text_consents_and_what_happens_next(client: Client) -> None:
    make_pending()  # of another team: says nothing about this queue
    first = make_pending()
    story = make_pending(campaign=first.campaign, now=NOW + timedelta(hours=1))

    page = client.get(own_url(story)).content.decode()

    assert "winter" in page
    assert "1 other is read before it" in page
    assert "We mean to decide by 5 March 2026, 13:00 (UTC)" in page
    assert "Publish my story on this campaign" in page


def test_the_expected_wait_is_the_median_of_real_decisions(client: Client) -> None:
    story = make_pending()
    for _ in range(5):
        make_published(campaign=story.campaign)

    assert "decided within 1 hour" in client.get(own_url(story)).content.decode()


def test_no_wait_is_promised_from_too_few_decisions(client: Client) -> None:
    story = make_pending()
    for _ in range(4):
        make_published(campaign=story.campaign)

    assert "decided within" not in client.get(own_url(story)).content.decode()


def test_an_author_of_a_published_story_finds_its_page(client: Client) -> None:
    story = make_published()

    page = client.get(own_url(story)).content.decode()

    assert reverse("testimonials:story", kwargs={"slug": story.campaign.slug, "testimonial_id": story.pk}) in page


def test_an_author_of_a_declined_story_learns_why_and_how_to_object(client: Client) -> None:
    page = client.get(own_url(make_declined())).content.decode()

    assert "Personal details of other people" in page
    assert MESSAGE in page
    assert "no machine took part in it" in page
    assert "another person will look at it" in page


def test_help_stands_on_every_page_of_an_author(client: Client) -> None:
    story = make_unverified()

    urls = [confirm_url(story), own_url(story), own_url(story, "withdraw-story"), own_url(story, "erase-story")]

    for url in urls:
        assert "116 123" in client.get(url).content.decode()


def test_no_cache_keeps_an_authors_pages(client: Client) -> None:
    story = make_unverified()

    for url in (confirm_url(story), own_url(story), own_url(story, "my-story-data"), own_url(story, "withdraw-story")):
        response = client.get(url)
        assert "no-store" in response.headers["Cache-Control"]
        assert not response.cookies


@pytest.mark.parametrize("make", [make_unverified, make_pending, make_published, make_declined])
def test_an_author_withdraws_in_two_steps_and_learns_what_remains(client: Client, make) -> None:  # type: ignore[no-untyped-def]
    story = make()
    url = own_url(story, "withdraw-story")

    assert client.get(url).status_code == 200
    assert reloaded(story).status == story.status
    response = client.post(url)

    assert response.status_code == 303
    assert reloaded(story).status == Status.WITHDRAWN
    page = client.get(response.headers["Location"]).content.decode()
    assert "It is public nowhere on this site." in page
    erased_on = reloaded(story).status_changed_at + timedelta(days=30)
    assert f"erased on {erased_on.day} {erased_on:%B %Y}" in page


def test_withdrawing_takes_the_public_page_away_at_once(client: Client) -> None:
    story = make_published()
    public = reverse("testimonials:story", kwargs={"slug": story.campaign.slug, "testimonial_id": story.pk})
    assert client.get(public).status_code == 200

    client.post(own_url(story, "withdraw-story"))

    assert client.get(public).status_code == 410
    assert (
        "winter"
        not in client.get(reverse("testimonials:stories", kwargs={"slug": story.campaign.slug})).content.decode()
    )


def test_an_author_erases_everything_for_good(client: Client) -> None:
    story = make_published()

    response = client.post(own_url(story, "erase-story"))

    assert response.status_code == 303
    gone = client.get(response.headers["Location"])
    assert gone.status_code == 410
    assert "Your story is erased" in gone.content.decode()
    assert reloaded(story).status == Status.ERASED


def test_what_is_erased_offers_nothing_to_take_back(client: Client) -> None:
    story = make_published()
    erase_testimonial(testimonial_id=story.pk, now=NOW)

    for route in ("withdraw-story", "erase-story"):
        assert client.get(own_url(story, route)).headers["Location"] == own_url(story)


def test_a_consent_is_withdrawn_with_one_button(client: Client) -> None:
    story = make_published(draft=make_draft(consents=frozenset({"publish", "press"})))
    url = own_url(story, "withdraw-story-consent", purpose="press")

    assert [client.post(url).status_code for _ in range(2)] == [303, 303]

    assert "Let journalists quote" not in client.get(own_url(story)).content.decode()
    assert reloaded(story).status == Status.PUBLISHED


def test_an_unknown_consent_or_a_wrong_method_is_refused(client: Client) -> None:
    story = make_published()

    assert client.post(own_url(story, "withdraw-story-consent", purpose="cookies")).status_code == 404
    assert client.get(own_url(story, "withdraw-story-consent", purpose="press")).status_code == 405
    assert client.post(own_url(story)).status_code == 405


def test_a_consent_of_a_withdrawn_story_needs_no_button_any_more(client: Client) -> None:
    story = make_published()
    withdraw_testimonial(testimonial_id=story.pk, now=NOW)

    assert client.post(own_url(story, "withdraw-story-consent", purpose="press")).status_code == 303


def test_another_site_cannot_press_an_authors_buttons(client: Client) -> None:
    story = make_published()
    evil = {"origin": "https://evil.example"}

    for route in ("withdraw-story", "erase-story"):
        assert client.post(own_url(story, route), headers=evil).status_code == 403
    assert reloaded(story).status == Status.PUBLISHED


def test_an_author_takes_their_data_away_as_json(client: Client) -> None:
    draft = make_draft(display_name="Alice", content_labels=("grief",))
    story = make_published(draft=draft, email=ALICE)

    response = client.get(own_url(story, "my-story-data"))

    data = json.loads(response.content)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert (data["text"], data["display_name"], data["content_labels"]) == (draft.body, "Alice", ["grief"])
    assert [step["verb"] for step in data["history"]] == ["submitted", "confirmed", "approved"]
    assert data["consents"][0]["wording"].startswith("Publish my story")
    assert ALICE not in response.content.decode()
    assert "decided_by" not in response.content.decode()
