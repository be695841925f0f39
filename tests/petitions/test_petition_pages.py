"""The public pages: the same for everybody, cacheable, and few statements each."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from petitions.models import Milestone, Petition, PetitionState, Tally, TallyReason, TallyReasonTotal
from petitions.templatetags.petitions import markdown
from tests.factories import NOW, make_petition, make_petition_text
from tests.petitions.signing_steps import statements_of

pytestmark = pytest.mark.django_db
PAGES = ["petition-detail", "check-your-email", "thank-you", "petition-history", "petition-integrity"]


def url(view: str, petition: Petition) -> str:
    return reverse(f"petitions:{view}", kwargs={"slug": petition.slug})


def counted(petition: Petition, total: int) -> Petition:
    Tally.objects.create(petition=petition, total=total, as_of=NOW)
    return petition


def page_of(client: Client, petition: Petition, view: str = "petition-detail") -> str:
    return client.get(url(view, petition)).content.decode()


def without_switches(statements: list[str]) -> list[str]:
    """They are read once in two seconds by each process, not for each page."""
    return [sql for sql in statements if "outbox_switch" not in sql]


# --- Every page -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_page_answers_in_each_language(client: Client, view: str, language: str) -> None:
    petition = make_petition()

    response = client.get(url(view, petition).replace("/en/", f"/{language}/"))

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()
    assert f"Keep it available ({language})" in response.content.decode()


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
def test_what_is_not_public_yet_is_not_there(client: Client, view: str, state: PetitionState) -> None:
    assert client.get(url(view, make_petition(state=state))).status_code == 404


@pytest.mark.parametrize("slug", ["nothing", "a" * 200, "1"])
def test_an_unknown_petition_is_not_there(client: Client, slug: str) -> None:
    assert client.get(f"/en/petitions/{slug}/").status_code == 404


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_reading_pages_answer_other_methods_with_a_page(client: Client, view: str, method: str) -> None:
    response = getattr(client, method)(url(view, make_petition()))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert b"<h1" in response.content


@pytest.mark.parametrize("view", ["petition-list", *PAGES])
def test_pages_are_for_every_cache_and_carry_no_cookie(client: Client, view: str) -> None:
    petition = make_petition()
    path = reverse("petitions:petition-list") if view == "petition-list" else url(view, petition)

    response = client.get(path)

    assert response["Cache-Control"] == "public, max-age=0, s-maxage=2, stale-while-revalidate=30, stale-if-error=600"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_an_unchanged_page_is_not_sent_again_compressed_or_not(client: Client, settings: Settings) -> None:
    settings.FORM_STAMP = timedelta(days=1)  # no new stamp between the two requests
    path = url("petition-detail", make_petition())
    for encoding in ({}, {"Accept-Encoding": "gzip"}):
        first = client.get(path, headers=encoding)

        again = client.get(path, headers={**encoding, "If-None-Match": first["ETag"]})

        assert (first.status_code, again.status_code) == (200, 304)


@pytest.mark.parametrize("view", PAGES)
def test_pages_take_few_statements(client: Client, view: str) -> None:
    petition = counted(make_petition(), 19_999)
    client.get(url(view, petition))  # the picture of the numbers is drawn once a minute, not for each page

    statements = statements_of(lambda: client.get(url(view, petition)))

    most = {"petition-detail": 3, "check-your-email": 3, "petition-integrity": 9}
    assert len(without_switches(statements)) <= most.get(view, 5)


# --- The petition -----------------------------------------------------------------------------------------------------
def test_the_petition_shows_its_demand_its_count_and_its_next_milestone(client: Client) -> None:
    page = page_of(client, counted(make_petition(), 19_999))

    assert "Petition to OpenAI" in page
    assert "<strong>one</strong>" in page
    assert 'data-count="19999"' in page
    assert ">19,999<" in page
    assert "20,000" in page


def test_a_milestone_says_when_it_was_reached_and_the_next_one_waits(client: Client) -> None:
    petition = counted(make_petition(ladder=[100, 500]), 100)
    Milestone.objects.create(petition=petition, threshold=100, reached_at=NOW)

    page = page_of(client, petition)

    assert "Reached on 2 March 2026" in page
    assert "Not reached yet" in page
    assert "has since fallen" not in page


def test_a_count_that_fell_below_a_milestone_says_so(client: Client) -> None:
    petition = counted(make_petition(ladder=[100, 500]), 99)
    Milestone.objects.create(petition=petition, threshold=100, reached_at=NOW)

    assert "The count has since fallen below 100" in page_of(client, petition)


def test_a_petition_in_another_language_only_says_its_language(client: Client) -> None:
    petition = make_petition(languages=("fr",), default_language="fr")

    page = page_of(client, petition)

    assert '<h1 lang="fr">Keep it available (fr)' in page


def test_the_newest_version_is_shown(client: Client) -> None:
    petition = make_petition()
    make_petition_text(petition=petition, version=2, title="A better title")

    assert "A better title" in page_of(client, petition)


def test_an_open_petition_asks_for_a_signature(client: Client) -> None:
    page = page_of(client, make_petition())

    assert f'action="{url("sign", Petition.objects.get())}"' in page
    assert 'name="country"' in page
    assert "political opinion" in page
    assert "checked" not in page


def test_a_petition_that_asks_no_country_shows_no_list(client: Client) -> None:
    assert 'name="country"' not in page_of(client, make_petition(asks_country=False))


def test_a_paused_petition_says_why_instead(client: Client) -> None:
    page = page_of(client, make_petition(state=PetitionState.PAUSED, pause_reason="We are checking <the> text."))

    assert "Signing is paused" in page
    assert "We are checking &lt;the&gt; text." in page
    assert "<form" not in page


def test_a_closed_petition_says_when_and_with_how_many(client: Client) -> None:
    petition = counted(make_petition(state=PetitionState.CLOSED, closes_at=NOW), 12_345)

    page = page_of(client, petition)

    assert "It closed on 2 March 2026 with 12,345 signatures." in page
    assert "<form" not in page
    assert "next milestone" not in page
    assert "e-mailed works for" not in page


def test_a_petition_that_has_just_closed_says_how_long_links_work(client: Client) -> None:
    petition = make_petition(state=PetitionState.CLOSED, closes_at=timezone.now() - timedelta(hours=23))

    assert "the link that you were e-mailed works for 24 hours after closing" in page_of(client, petition)


def test_a_petition_whose_hour_has_come_is_closed_before_the_clock_says_so(client: Client) -> None:
    petition = make_petition(closes_at=timezone.now() - timedelta(seconds=1))

    assert "This petition is closed" in page_of(client, petition)


# --- The list ---------------------------------------------------------------------------------------------------------
def test_the_list_shows_open_ones_first_and_nothing_unpublished(client: Client) -> None:
    closed = make_petition(slug="b-closed", state=PetitionState.CLOSED, closes_at=NOW, opens_at=NOW - timedelta(days=1))
    opened = counted(make_petition(slug="a-open"), 42)
    make_petition(slug="c-draft", state=PetitionState.DRAFT)
    make_petition(slug="d-wordless", languages=())

    page = client.get(reverse("petitions:petition-list")).content.decode()

    assert page.index(opened.slug) < page.index(closed.slug)
    assert ">42<" in page
    assert "c-draft" not in page
    assert "d-wordless" not in page


def test_the_list_takes_three_statements_however_long(client: Client) -> None:
    for _ in range(25):
        counted(make_petition(), 7)
    path = reverse("petitions:petition-list")

    statements = statements_of(lambda: client.get(path))

    page = client.get(path).content.decode()
    assert len(without_switches(statements)) == 3
    assert page.count('class="row"') == 20
    assert "?page=2" in page


@pytest.mark.parametrize("page", ["0", "-1", "999999999999", "abc", "", "1%00", "%ff"])
def test_no_page_number_breaks_the_list(client: Client, page: str) -> None:
    make_petition()

    assert client.get(reverse("petitions:petition-list") + f"?page={page}").status_code in (200, 400)


def test_an_empty_list_says_so(client: Client) -> None:
    assert "No petition is open yet" in client.get(reverse("petitions:petition-list")).content.decode()


# --- Its record -------------------------------------------------------------------------------------------------------
def test_the_history_marks_what_was_added_and_removed(client: Client) -> None:
    petition = make_petition(languages=("en",))
    make_petition_text(petition=petition, version=2, title="Keep it available (en)", body="We ask for <two> things.")

    page = page_of(client, petition, "petition-history")

    assert "Version 2" in page
    assert "</span>&lt;two&gt;</ins>" in page
    assert "</span>**one**</del>" in page


def test_the_integrity_page_adds_up(client: Client) -> None:
    petition = counted(make_petition(), 90)
    for reason, n in ((TallyReason.PROVED, 1_100), (TallyReason.WITHDRAWN, 10), (TallyReason.INVALIDATED, 1_000)):
        TallyReasonTotal.objects.create(petition=petition, reason=reason, n=n)

    page = page_of(client, petition, "petition-integrity")

    assert '<th scope="row">Proved since the beginning</th><td class="number">1,100</td>' in page
    assert '<th scope="row">Removed by a check</th><td class="number">−1,000</td>' in page
    assert '<th scope="row">Counted now</th><td class="number">90</td>' in page


# --- Its text ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One\n\nand *two*", "<h2>One</h2>\n<p>and <em>two</em></p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://example.org/pixel.gif)", "<p></p>\n"),
        ("[x](https://example.org)", '<p><a href="https://example.org" rel="noopener nofollow">x</a></p>\n'),
    ],
)
def test_markdown_makes_no_other_html_than_ours(text: str, html: str) -> None:
    assert markdown(text) == html
