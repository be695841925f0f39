"""The public page of a campaign: the chart, the events with sources and disputes, the numbers, the permalink."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign
from tests.campaigns.making import make_campaign, make_event, make_signed_petition

pytestmark = pytest.mark.django_db


def path(campaign: Campaign, language: str = "en") -> str:
    with override(language):
        return reverse("campaigns:campaign", args=[campaign.slug])


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.status_code
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_every_event_with_its_sources(client: Client, keep4o: Campaign, language: str) -> None:
    page = text_of(client, path(keep4o, language))

    for event in keep4o.events.all():
        assert f'id="event-{event.key}"' in page
        for source in event.sources.all():
            assert source.name.replace("&", "&amp;") in page
    assert 'href="https://openai.com/index/sycophancy-in-gpt-4o"' in page


def test_a_disputed_date_stands_with_the_other_dates_and_who_gives_them(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o))

    entry = page[page.index('id="event-restored-paid"') :].split("</li></ul>")[0]
    assert "Date disputed" in entry
    assert "12 August 2025" in entry
    assert "8 August 2025, according to MIT Technology Review" in entry


def test_dates_are_written_as_exactly_as_they_are_known(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o) + "?tz=Asia/Tokyo")

    assert '<time datetime="2026-04">April 2026</time>' in page
    assert '<time datetime="2025-08-07">7 August 2025</time>' in page
    assert '<time datetime="2025-08-08T22:58:28Z">9 August 2025, 07:58:28 JST</time>' in page


def test_every_marker_is_a_link_to_an_entry_of_the_list(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o))

    chart = page[page.index("<figure") : page.index("</figure>")]
    targets = re.findall(r'<a [^>]*href="#([^"]+)"', chart)
    assert len(targets) > 10
    assert all(f'id="{target}"' in page for target in targets)
    picture = chart[chart.index('class="chart timeline"') : chart.index('class="timeline-edges"')]
    assert all("aria-label=" in link for link in re.findall(r"<a [^>]*>", picture))


def test_neighbouring_markers_are_one_badge_that_says_how_many(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o))

    assert "6 events, 11 to 16, from 29 January 2026 to 16 February 2026" in page


def test_events_outside_the_window_are_announced_beside_the_chart(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o) + "?from=2025-08-01&to=2025-08-31")

    assert "2 earlier events" in page
    assert "9 later events" in page
    assert page.count('class="event"') == 17  # the list stays whole


def test_milestones_stand_on_the_chart_and_in_the_list(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o))

    assert 'href="#milestone-keep-gpt-4o-100"' in page
    assert 'id="milestone-keep-gpt-4o-100"' in page
    assert 'href="/en/petitions/keep-gpt-4o/milestones/100/"' in page
    assert "Milestone: 100 signatures on 7 August 2025" in page


def test_figures_reported_elsewhere_stand_apart_with_unit_hedge_and_source(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o))

    apart = page[page.index('id="reported"') : page.index('id="table"')]
    assert 'nearly <span class="num">20,000</span>' in apart
    assert "aiuntethered.com" in apart
    assert "Unit: signatures reported by the press, not verified by this site" in apart
    assert "21,900" not in page[page.index("<figure") : page.index("</figure>")]


def test_the_total_and_the_table_say_the_same_as_the_count(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o) + "?unit=month")

    assert "<strong>1,065</strong>" in page
    table = page[page.index("<tbody>", page.index('id="table"')) :]
    assert 'August 2025</th><td class="number">165' in table
    assert 'February 2026</th><td class="number">900' in table


def test_small_days_are_hidden_in_table_and_picture(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, path(keep4o) + "?from=2025-08-08&to=2025-08-09")

    table = page[page.index("<tbody>", page.index('id="table"')) :].split("</tbody>")[0]
    assert table.count("&lt;5") == 2
    heights = set(re.findall(r"V(\d+(?:\.\d+)?)H", page[page.index("<figure") :]))
    assert len(heights) == 1


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday", "from=2025-13-01", "to=0001-01-01", "from=9999-12-31", "unit=fortnight", "tz=Europe",
        "tz=../../etc/passwd", "tz=%F0%9F%98%80", "series=unknown", "from=2026-01-01&to=2025-01-01",
        "from=1900-01-01&to=2199-01-01", "from=%27%3B--", "unit=day&unit=%3Cscript%3E",
    ],
)  # fmt: skip
def test_a_view_that_cannot_be_read_is_explained_and_the_usual_one_is_shown(
    client: Client, keep4o: Campaign, query: str
) -> None:
    page = text_of(client, f"{path(keep4o)}?{query}", status=422)

    assert "error-summary" in page
    assert "The page shows its usual view instead." in page
    assert 'id="event-chi-2026"' in page
    assert "<script>" not in page


def test_what_was_typed_is_kept_while_it_is_wrong(client: Client, keep4o: Campaign) -> None:
    page = text_of(client, f"{path(keep4o)}?from=2026-01-01&to=2025-01-01", status=422)

    assert 'value="2026-01-01"' in page
    assert 'value="2025-01-01"' in page


@pytest.mark.parametrize(
    "query", ["", "from=", "utm_source=x", "from=2030-01-01", "to=1990-01-01", "unit=week&tz=Asia/Kathmandu"]
)
def test_what_is_missing_or_unknown_is_left_to_the_page(client: Client, keep4o: Campaign, query: str) -> None:
    assert client.get(f"{path(keep4o)}?{query}").status_code == 200


def test_one_petition_can_be_shown_alone(client: Client) -> None:
    one = make_signed_petition({date(2025, 8, 7): 50}, slug="one", milestones=(10,))
    other = make_signed_petition({date(2025, 8, 8): 70}, slug="other", milestones=(20,))
    campaign = make_campaign(petitions=(one, other))

    both, alone = text_of(client, path(campaign)), text_of(client, path(campaign) + "?series=one")

    assert "<strong>120</strong>" in both
    assert "<strong>50</strong>" in alone
    assert "milestone-other-20" in both
    assert "milestone-other-20" not in alone


def test_a_draft_petition_adds_nothing(client: Client) -> None:
    draft = make_signed_petition({date(2025, 8, 7): 50}, slug="draft")
    campaign = make_campaign(petitions=(draft,))
    draft.state = "draft"
    draft.save(update_fields=["state"])

    assert "<strong>0</strong>" in text_of(client, path(campaign))


def test_days_follow_the_chosen_time_zone(client: Client) -> None:
    # Noon in UTC is the next day on Kiritimati, 14 hours ahead.
    campaign = make_campaign(petitions=(make_signed_petition({date(2025, 8, 7): 50}),))

    assert "busiest day was 7 August 2025" in text_of(client, path(campaign))
    assert "busiest day was 8 August 2025" in text_of(client, path(campaign) + "?tz=Pacific/Kiritimati")


def test_an_empty_campaign_has_a_page_too(client: Client) -> None:
    page = text_of(client, path(make_campaign()))

    assert "No signature in this period." in page
    assert "Nothing is written down yet." in page


def test_a_text_in_another_language_only_is_shown_and_marked(client: Client) -> None:
    campaign = make_campaign()
    make_event(campaign=campaign, titles={"fr": "Un événement"})

    assert 'lang="fr">Un événement' in text_of(client, path(campaign))


def test_what_people_typed_cannot_break_the_page(client: Client) -> None:
    campaign = make_campaign()
    make_event(campaign=campaign, title='</title><script>alert(1)</script>"x=y', sources=(("<b>S</b>", ""),))

    page = text_of(client, path(campaign))

    assert "<script>alert" not in page
    assert "<b>S</b>" not in page


def test_drafts_and_unpublished_events_are_seen_by_nobody(client: Client, keep4o: Campaign) -> None:
    keep4o.events.filter(key="chi-2026").update(published=False)
    draft = make_campaign(is_public=False)

    assert "event-chi-2026" not in text_of(client, path(keep4o))
    assert client.get(path(draft)).status_code == 404
    assert draft.slug not in text_of(client, reverse("campaigns:campaigns"))


@pytest.mark.parametrize(
    "name",
    ["campaigns", "campaign", "campaign-svg", "campaign-csv", "campaign-json", "campaign-feed", "campaign-embed"],
)
def test_public_addresses_read_only_and_set_no_cookie(client: Client, keep4o: Campaign, name: str) -> None:
    url = reverse(f"campaigns:{name}", args=[] if name == "campaigns" else [keep4o.slug])

    response = client.get(url)

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert "public" in response["Cache-Control"]
    assert client.get(url, headers={"If-None-Match": response["ETag"]}).status_code == 304
    zipped = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert client.get(url, headers={"Accept-Encoding": "gzip", "If-None-Match": zipped["ETag"]}).status_code == 304
    assert client.post(url).status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_chronology(
    client: Client, keep4o: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        make_event(campaign=keep4o, key=f"more-{number}")
        make_campaign()

    with django_assert_max_num_queries(15):
        client.get(path(keep4o))
    with django_assert_max_num_queries(2):
        client.get(reverse("campaigns:campaigns"))


def test_ten_years_of_days_are_drawn_in_good_time(client: Client) -> None:
    start = date(2016, 1, 1)
    days = {start + timedelta(days=index): 10 + index % 7 for index in range(0, 3600, 9)}
    campaign = make_campaign(petitions=(make_signed_petition(days),))

    assert client.get(path(campaign)).status_code == 200
