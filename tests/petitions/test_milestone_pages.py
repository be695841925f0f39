"""The page of a milestone: what it tells, from whom it keeps quiet, and that it outlives every change of the ladder."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains

from petitions.actions import editing
from petitions.actions.tally import fold_tally
from petitions.models import Milestone, Petition, PetitionState, Tally
from tests.factories import NOW, make_petition, make_petition_text
from tests.petitions.counting import sign_every_second, withdraw
from tests.petitions.signing_steps import statements_of

pytestmark = pytest.mark.django_db
OPENED = NOW - timedelta(days=10)


def reached(petition: Petition, *steps: tuple[int, datetime], total: int) -> Petition:
    for threshold, at in steps:
        Milestone.objects.create(petition=petition, threshold=threshold, reached_at=at)
    Tally.objects.create(petition=petition, total=total, as_of=NOW)
    return petition


def climbed(**fields: object) -> Petition:
    """100 a day after the opening, 500 four days after it, 1,000 five days after it; the count stands at 1,250."""
    fields = {"slug": "keep", "opens_at": OPENED, "ladder": [100, 500, 1_000, 2_000], **fields}
    petition = make_petition(**fields)  # type: ignore[arg-type] # each test gives what it is about
    at = [(n, OPENED + timedelta(days=days)) for n, days in ((100, 1), (500, 4), (1_000, 5))]
    return reached(petition, *at, total=1_250)


def path(threshold: int, slug: str = "keep", language: str = "en") -> str:
    return reverse("petitions:milestone", args=[slug, threshold]).replace("/en/", f"/{language}/")


def words(client: Client, threshold: int, slug: str = "keep", language: str = "en") -> str:
    return client.get(path(threshold, slug, language)).content.decode()


# --- What it tells ----------------------------------------------------------------------------------------------------
def test_it_tells_the_number_and_the_exact_instant_in_both_zones(client: Client) -> None:
    petition = make_petition(slug="keep", timezone="Europe/Paris", ladder=[1_000])
    reached(petition, (1_000, datetime.fromisoformat("2026-07-31T22:15:09+00:00")), total=1_000)

    page = words(client, 1_000)

    assert ">1,000</span> signatures" in page
    assert "Reached on 1 August 2026 at 00:15:09 (Europe/Paris)" in page
    assert "31 July 2026, 22:15:09 UTC" in page


def test_it_tells_the_pace_before_and_after(client: Client) -> None:
    climbed()

    page = words(client, 500).replace("\xa0", " ")

    assert "4 days" in page
    assert "125 signatures a day" in page  # since the opening
    assert "Since 100" in page
    assert "133 signatures a day" in page
    assert "Afterwards, to 1,000" in page
    assert "21 signatures an hour" in page


def test_it_says_how_a_step_compares(client: Client) -> None:
    climbed()

    assert "The fastest step until then." in words(client, 1_000)
    assert "By pace, number 1 of the 3 steps reached until today." in words(client, 1_000)
    assert "The fastest step" not in words(client, 100)


def test_it_says_since_when_nothing_was_faster(client: Client) -> None:
    petition = make_petition(slug="keep", opens_at=OPENED, ladder=[1])
    at = [(n, OPENED + timedelta(hours=hours)) for n, hours in ((10, 1), (20, 9), (30, 12))]
    reached(petition, *at, total=30)

    assert "The fastest step since 10, reached on 20 February 2026." in words(client, 30)


def test_it_shows_its_place_on_the_way_and_links_its_neighbours(client: Client) -> None:
    climbed()

    page = words(client, 500)

    assert page.count("milestone--here") == 1
    assert f'rel="prev" href="{path(100)}"' in page
    assert f'rel="next" href="{path(1_000)}"' in page
    assert "Not reached yet" in page


def test_it_says_what_comes_next_and_calls_to_sign(client: Client) -> None:
    climbed()

    page = words(client, 1_000)

    assert "750 more signatures to the next milestone: 2,000." in page
    assert 'href="/en/petitions/keep/#sign"' in page


def test_a_closed_petition_calls_nobody(client: Client) -> None:
    climbed(state=PetitionState.CLOSED, closes_at=NOW)

    page = words(client, 1_000)

    assert "#sign" not in page
    assert "Afterwards, to the closing" in page
    assert "The count stands at 1,250 signatures." in page


def test_a_count_that_fell_below_is_said(client: Client) -> None:
    petition = make_petition(slug="keep", ladder=[3])
    signatures = sign_every_second(petition, 3)
    fold_tally(petition_id=petition.pk, now=NOW)
    assertNotContains(client.get(path(3)), "fallen below")

    withdraw(signatures[0], at=NOW)
    fold_tally(petition_id=petition.pk, now=NOW)

    assertContains(client.get(path(3)), "The count has since fallen below 3")


def test_one_signature_is_one(client: Client) -> None:
    petition = make_petition(slug="keep", ladder=[1, 5], opens_at=NOW - timedelta(minutes=2))
    sign_every_second(petition, 1)
    fold_tally(petition_id=petition.pk, now=NOW)

    page = words(client, 1)

    assert "</span> signature</h1>" in page
    assert "1 proved signature:" in page
    assert "The count stands at" not in page


def test_a_great_number_is_written_as_people_read_it(client: Client) -> None:
    reached(make_petition(slug="keep", ladder=[2_000_000_000]), (2_000_000_000, NOW), total=2_000_000_000)

    assert "2,000,000,000" in words(client, 2_000_000_000)
    assert "2\xa0000\xa0000\xa0000" in words(client, 2_000_000_000, language="fr")


def test_milestones_of_one_instant_have_pages_and_no_rates(client: Client) -> None:
    petition = make_petition(slug="keep", opens_at=OPENED, ladder=[1, 2])
    reached(petition, (1, NOW), (2, NOW), total=2)

    assertContains(client.get(path(2)), "in less than a minute")


# --- Steps of a changed ladder ----------------------------------------------------------------------------------------
def test_a_step_that_was_recorded_later_says_so(client: Client) -> None:
    petition = make_petition(slug="keep", ladder=[100])
    signatures = sign_every_second(petition, 4)
    fold_tally(petition_id=petition.pk, now=NOW)

    editing.change_ladder(
        petition_id=petition.pk, ladder=[3, 100], seen=[100], foreseen=[3], now=NOW + timedelta(days=3)
    )

    page = words(client, 3)
    assert signatures[2].verified_at.strftime("%H:%M:%S (UTC)") in page
    assert "put on the ladder on 5 March 2026" in page


def test_a_step_that_left_the_ladder_keeps_its_page(client: Client) -> None:
    climbed(ladder=[2_000])

    assert client.get(path(500)).status_code == 200
    assert client.get(path(2_000)).status_code == 200


def test_instants_in_another_order_than_their_steps_make_up_no_pace(client: Client) -> None:
    petition = make_petition(slug="keep", opens_at=OPENED, ladder=[10, 20])
    reached(petition, (10, NOW), (20, NOW - timedelta(days=1)), total=20)

    page = words(client, 20)

    assert "Since the opening" in page
    assert "Since 10" not in page


# --- What lies ahead, and what is not there ---------------------------------------------------------------------------
def test_a_step_that_lies_ahead_says_what_is_missing_and_is_not_indexed(client: Client) -> None:
    climbed()

    page = words(client, 2_000)

    assert "Not reached yet: 750 signatures are missing." in page
    assert '<meta name="robots" content="noindex">' in page
    assert "Reached on 1 August" not in page
    assert "share.png" in page
    assert '<meta name="robots"' not in words(client, 1_000)


def test_a_step_that_a_closed_petition_missed_says_so(client: Client) -> None:
    climbed(state=PetitionState.CLOSED, closes_at=NOW)

    page = words(client, 2_000)

    assert "The petition closed before it was reached." in page
    assert "Not reached" in page
    assert "Not reached yet" not in page


@pytest.mark.parametrize("number", ["7", "0100", "0", "-100", "99999999999", "9" * 5_000, "100.0", "１００"])
def test_any_other_number_is_not_there(client: Client, number: str) -> None:
    climbed()

    for end in ("/", ".png"):
        assert client.get(f"/en/petitions/keep/milestones/{number}{end}").status_code == 404


@pytest.mark.parametrize("state", [PetitionState.DRAFT, PetitionState.SCHEDULED])
@pytest.mark.parametrize("end", ["milestones/100/", "milestones/100.png", "share.png"])
def test_what_is_not_public_has_neither_page_nor_picture(client: Client, state: PetitionState, end: str) -> None:
    climbed(state=state)

    assert client.get(f"/en/petitions/keep/{end}").status_code == 404
    assert client.get(f"/en/petitions/nothing/{end}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_for_reading_only(client: Client, method: str) -> None:
    climbed()

    for end in ("milestones/100/", "milestones/100.png", "share.png"):
        answer = getattr(client, method)(f"/en/petitions/keep/{end}")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


# --- For machines -----------------------------------------------------------------------------------------------------
def test_it_names_itself_its_languages_and_its_picture(client: Client, settings: Settings) -> None:
    climbed()
    site = settings.SITE_URL

    page = words(client, 500, language="fr")

    assert f'<link rel="canonical" href="{site}{path(500, language="fr")}">' in page
    assert f'hreflang="en" href="{site}/en/petitions/keep/milestones/500/"' in page
    assert f'<meta property="og:image" content="{site}/fr/petitions/keep/milestones/500.png?v=' in page
    assert '<meta property="og:image:width" content="1200">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert 'og:image:alt" content="500 ' in page


def test_a_title_of_markup_stays_text_in_every_tag(client: Client) -> None:
    petition = climbed()
    make_petition_text(petition=petition, version=2, title='"><script>alert(1)</script>')

    page = words(client, 500)

    assert "<script>alert" not in page
    assert page.count("&quot;&gt;&lt;script&gt;") >= 4


def test_it_is_for_every_cache_and_costs_few_statements(client: Client) -> None:
    climbed()

    answers = []
    statements = statements_of(lambda: answers.append(client.get(path(500))))

    assert answers[0]["Cache-Control"].startswith("public, max-age=0, s-maxage=")
    assert not answers[0].cookies
    assert len([sql for sql in statements if "outbox_switch" not in sql]) <= 4


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    climbed(opens_at=timezone.now() - timedelta(days=400))
    first = client.get(path(500))

    assert client.get(path(500), headers={"If-None-Match": first["ETag"]}).status_code == 304


# --- Where it is linked -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", ["petition-detail", "thank-you"])
def test_reached_steps_lead_to_their_pages_and_steps_ahead_do_not(client: Client, view: str) -> None:
    climbed()

    page = client.get(reverse(f"petitions:{view}", args=["keep"])).content.decode()

    assert f'<a href="{path(500)}">500</a>' in page
    assert path(2_000) not in page
    assert 'data-page="/en/petitions/keep/milestones/{threshold}/"' in page


def test_the_petition_goes_with_a_picture_of_its_own(client: Client, settings: Settings) -> None:
    climbed()

    page = client.get("/en/petitions/keep/").content.decode()

    assert f'<meta property="og:image" content="{settings.SITE_URL}/en/petitions/keep/share.png?v=' in page
    assert 'og:image:alt" content="1,000 proved signatures: “Keep it available (en)”.' in page
