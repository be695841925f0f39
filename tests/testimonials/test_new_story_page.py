"""The form for a new story, and everything that people and programs send to it."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns.models import Campaign
from outbox.models import OutgoingMessage
from testimonials.models import Testimonial
from testimonials.rules.consents import CURRENT_VERSION, consent_wording
from tests.factories import ALICE
from tests.testimonials.making import BODY, make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(campaign: Campaign) -> str:
    return reverse("testimonials:new-story", kwargs={"slug": campaign.slug})


def typed(**overrides: Any) -> dict[str, Any]:
    """What a browser sends when an author fills in the form; a field set to None is not sent."""
    fields = {
        "body": BODY,
        "language": "en",
        "display": "anonymous",
        "display_name": "",
        "email": ALICE,
        "adult": "on",
        "consent_publish": "on",
        "consent_version": CURRENT_VERSION,
        "website": "",
        **overrides,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_sending_a_story_leads_to_the_thank_you_page(url: str, campaign: Campaign, client: Client) -> None:
    response = client.post(url, typed(content_labels=["grief"], display="named", display_name="Alice"))

    assert response.status_code == 303
    assert response.headers["Location"] == reverse("testimonials:story-sent", kwargs={"slug": campaign.slug})
    story = Testimonial.objects.get()
    assert (story.status, story.display_name, story.content_labels) == ("unverified", "Alice", ["grief"])
    assert story.current_revision.body == BODY.replace("\r\n", "\n")
    assert [consent.purpose for consent in story.consents.all()] == ["publish"]
    assert OutgoingMessage.objects.get().kind == "story_confirm"


def test_the_form_asks_for_nothing_beforehand(url: str, client: Client) -> None:
    page = client.get(url).content.decode()

    assert 'name="consent_publish"' in page
    assert page.count("checked") == 2  # the language of the page and «Anonymous», which are no consents
    assert consent_wording(purpose="press", language="en").replace("'", "&#x27;") in page


def test_the_form_sets_no_cookie_and_can_be_cached(url: str, client: Client) -> None:
    response = client.get(url)

    assert not response.cookies
    assert "public" in response.headers["Cache-Control"]
    assert "Cookie" not in response.headers.get("Vary", "")


def test_an_anonymous_author_stays_so_even_with_a_name_typed(url: str, client: Client) -> None:
    client.post(url, typed(display="anonymous", display_name="Alice"))

    assert Testimonial.objects.get().display_name == ""


def test_each_ticked_consent_is_kept_and_no_other(url: str, client: Client) -> None:
    client.post(url, typed(consent_press="on", consent_translate="on"))

    assert {consent.purpose for consent in Testimonial.objects.get().consents.all()} == {
        "publish",
        "press",
        "translate",
    }


def test_fields_that_only_moderators_set_are_ignored(url: str, client: Client) -> None:
    client.post(url, typed(status="published", lane="routine", version="99", publish_at="2020-01-01", moderator="1"))

    story = Testimonial.objects.get()
    assert (story.status, story.version, story.publish_at) == ("unverified", 1, None)


def test_a_preview_shows_what_readers_will_see_and_keeps_nothing(url: str, client: Client) -> None:
    response = client.post(url, typed(preview="1", display="named", display_name="Alice", content_labels=["grief"]))

    page = response.content.decode()
    assert response.status_code == 200
    assert "This is what readers will see" in page
    assert "This story speaks of: grief." in page
    assert not Testimonial.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_a_filled_honeypot_is_thanked_and_forgotten(url: str, client: Client) -> None:
    response = client.post(url, typed(website="https://spam.example"))

    assert response.status_code == 303
    assert not Testimonial.objects.exists()


def test_a_form_of_another_site_is_refused(url: str, client: Client) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.post(url, typed(), headers=headers).status_code == 403
    assert not Testimonial.objects.exists()


def test_the_form_answers_reading_and_posting_only(url: str, client: Client) -> None:
    assert client.put(url).status_code == 405
    assert client.delete(url).status_code == 405


def test_the_thank_you_page_is_the_same_for_everybody(campaign: Campaign, client: Client) -> None:
    response = client.get(reverse("testimonials:story-sent", kwargs={"slug": campaign.slug}))

    assert response.status_code == 200
    assert not response.cookies
    assert client.post(reverse("testimonials:story-sent", kwargs={"slug": campaign.slug})).status_code == 405


@pytest.mark.parametrize("route", ["testimonials:new-story", "testimonials:story-sent"])
def test_a_draft_or_unknown_campaign_takes_no_stories(route: str, client: Client) -> None:
    for slug in (make_campaign(is_public=False).slug, "no-such-campaign"):
        assert client.get(reverse(route, kwargs={"slug": slug})).status_code == 404
        assert client.post(reverse("testimonials:new-story", kwargs={"slug": slug}), typed()).status_code == 404


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"body": ""}, "Write your story here."),
        ({"body": "   \u200b\u202e\n "}, "Write your story here."),
        ({"body": "Too short."}, "This is 10 characters long; please write at least 50."),
        ({"body": "x" * 8_001}, "This is 8001 characters long; at most 8000 are possible."),
        ({"body": "\ufffd" * 60}, "could not be read"),
        ({"language": "xx"}, "Choose one of the offered answers."),
        ({"language": None}, "Choose one of the offered answers."),
        ({"content_labels": ["cheerful"]}, "Choose one of the offered answers."),
        ({"display": "published"}, "Choose one of the offered answers."),
        ({"display": "named"}, "Write the name to show, or choose “Anonymous”."),
        ({"display": "named", "display_name": "\u202e\u200b"}, "Write the name to show, or choose “Anonymous”."),
        ({"display": "named", "display_name": "x" * 61}, "This is 61 characters long; at most 60 are possible."),
        ({"email": ""}, "e-mail address"),
        ({"email": "alice@"}, "e-mail address"),
        ({"email": "alice@\u2603\u0301..example"}, "e-mail address"),
        ({"email": f"{'a' * 300}@example.org"}, "e-mail address"),
        ({"adult": None}, "We can publish stories of adults only."),
        ({"consent_publish": None}, "Without your consent we cannot keep your story."),
        ({"consent_version": "2020-01"}, "The wording of the consents has changed meanwhile."),
        ({"consent_version": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    url: str, client: Client, overrides: dict[str, Any], sentence: str
) -> None:
    given = {"body": BODY, "display_name": "", **overrides}

    response = client.post(url, typed(**overrides))

    page = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in page
    assert sentence in page
    assert "no-store" in response.headers["Cache-Control"]
    assert given["body"].strip() in page
    assert ALICE in page or "email" in overrides
    assert f'name="consent_version" value="{CURRENT_VERSION}"' in page
    assert not Testimonial.objects.exists()
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("NUL \x00 bytes and \u202e turned text \u202c. " * 3, "NUL bytes and turned text . " * 3),
        ("<script>alert('Bonjour')</script> " * 3, "<script>alert('Bonjour')</script> " * 3),
        ("=HYPERLINK(\"https://evil.example\") @SUM(A1) +1 -1 " * 2, "=HYPERLINK(\"https://evil.example\") @SUM(A1) +1 -1 " * 2),
        ("\U0001f54a" * 8_000, "\U0001f54a" * 8_000),
        ("a" * 8_000, "a" * 8_000),
        ("عاش الصوت الذي كان يسمعني في الليل الطويل حين لا أحد", "عاش الصوت الذي كان يسمعني في الليل الطويل حين لا أحد"),
        ("First line of a story.\r\n\r\nSecond paragraph of the same story.", "First line of a story.\n\nSecond paragraph of the same story."),
    ],
    ids=["nul-and-bidi", "script", "formula", "emoji", "long", "arabic", "paragraphs"],
)  # fmt: skip
def test_strange_text_is_kept_as_plain_text(url: str, client: Client, body: str, kept: str) -> None:
    started = time.perf_counter()

    response = client.post(url, typed(body=body))

    assert response.status_code == 303
    assert time.perf_counter() - started < 1
    assert Testimonial.objects.get().current_revision.body == kept.strip()


def test_a_megabyte_is_refused_in_a_clear_sentence(url: str, client: Client) -> None:
    response = client.post(url, typed(body="x" * 1_000_000))

    assert response.status_code == 413
    assert "This is far too long to be read" in response.content.decode()


def test_bytes_that_are_no_text_are_refused_kindly(url: str, client: Client) -> None:
    response = client.post(url, b"body=%ff%fe%00&email=%ff", content_type="application/x-www-form-urlencoded")

    assert response.status_code == 422


def test_a_body_that_is_no_form_is_refused_kindly(url: str, client: Client) -> None:
    for content_type in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        assert client.post(url, b"{}", content_type=content_type).status_code in (400, 422)


def test_a_french_author_reads_french_consents_and_gets_french_mail(campaign: Campaign, client: Client) -> None:
    with translation.override("fr"):
        url = reverse("testimonials:new-story", kwargs={"slug": campaign.slug})

    assert consent_wording(purpose="publish", language="fr").replace("'", "&#x27;") in client.get(url).content.decode()
    client.post(url, typed(language="fr"))

    assert OutgoingMessage.objects.get().language == "fr"
    assert Testimonial.objects.get().consents.get().locale == "fr"
