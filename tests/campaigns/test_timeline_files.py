"""The same view as a picture, a sheet, JSON, a feed and an embedded page."""

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from campaigns.models import Campaign
from tests.campaigns.making import make_campaign, make_event, make_signed_petition

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"


def get(client: Client, name: str, campaign: Campaign, query: str = "", language: str = "en") -> Any:
    with override(language):
        url = reverse(f"campaigns:{name}", args=[campaign.slug])
    return client.get(f"{url}?{query}")


@pytest.mark.parametrize("query", ["", "unit=week", "from=2025-08-01&to=2025-08-31&tz=Asia/Tokyo", "unit=month"])
def test_page_picture_sheet_and_json_show_the_same_numbers(client: Client, keep4o: Campaign, query: str) -> None:
    page = get(client, "campaign", keep4o, query).content.decode()
    picture = get(client, "campaign-svg", keep4o, query).content.decode()
    embedded = get(client, "campaign-embed", keep4o, query).content.decode()
    sheet = list(csv.DictReader(io.StringIO(get(client, "campaign-csv", keep4o, query).content.decode())))
    data = get(client, "campaign-json", keep4o, query).json()

    area = re.search(r'd="(M0 1000[^"]+)"', page)
    assert area is not None
    assert area[1] in picture
    assert area[1] in embedded
    assert [row["signatures"] for row in sheet] == [str(period["count"]) for period in data["signatures"]]
    assert area[1].count("H") == len(sheet)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_picture_stands_alone(client: Client, keep4o: Campaign, language: str) -> None:
    response = get(client, "campaign-svg", keep4o, "", language)

    root = ElementTree.fromstring(response.content)
    assert response["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Access-Control-Allow-Origin"] == "*"
    for element in root.iter():
        assert "style" not in element.attrib
        assert element.tag.startswith(SVG)
        assert element.tag not in {f"{SVG}style", f"{SVG}script"}
        for name in ("x", "y", "width", "height", "x1", "x2", "y1", "y2"):
            assert re.fullmatch(r"-?\d+(\.\d+)?%?", element.get(name, "0")), (name, element.attrib)
    links = [element.get("href", "") for element in root.iter(f"{SVG}a")]
    assert links
    assert all(link.startswith(f"http://127.0.0.1:8000/{language}/campaigns/keep4o/#") for link in links)


def test_the_sheet_names_milestones_and_events_and_runs_no_formula(client: Client, keep4o: Campaign) -> None:
    make_event(campaign=keep4o, at=datetime(2025, 8, 9, tzinfo=UTC), title='=HYPERLINK("http://evil.example")')

    rows = list(csv.DictReader(io.StringIO(get(client, "campaign-csv", keep4o).content.decode())))

    by_day = {row["from"]: row for row in rows}
    assert by_day["2025-08-07"]["signatures"] == "120"
    assert by_day["2025-08-07"]["milestones"] == "100"
    assert "GPT-5 launches" in by_day["2025-08-07"]["events"]
    assert by_day["2025-08-08"]["signatures"] == "<5"
    assert by_day["2025-08-09"]["events"].startswith("'=HYPERLINK")


def test_json_tells_events_with_sources_and_competing_dates(client: Client, keep4o: Campaign) -> None:
    data = get(client, "campaign-json", keep4o).json()

    events = {event["key"]: event for event in data["events"]}
    assert data["total"] == 1065
    assert data["campaign"]["hashtags"][0] == "keep4o"
    assert events["restored-paid"]["disputed"] is True
    assert events["restored-paid"]["dates"] == [
        {"at": "2025-08-08", "precision": "day", "source": "MIT Technology Review"}
    ]
    assert events["chi-2026"]["at"] == "2026-04"
    assert set(events["chi-2026"]["title"]) == {"en", "fr"}
    assert events["lai-window"]["until"] == "2025-08-14"
    (milestone,) = data["milestones"]
    assert milestone.pop("url").endswith("/en/petitions/keep-gpt-4o/milestones/100/")
    assert milestone == {"petition": "keep-gpt-4o", "threshold": 100, "reached_at": "2025-08-07T12:05:00Z"}
    assert data["reported"][0]["figures"][0]["qualifier"] == "nearly"


@pytest.mark.parametrize("name", ["campaign-svg", "campaign-csv", "campaign-json"])
def test_a_file_of_a_view_that_cannot_be_read_is_refused_in_words(client: Client, keep4o: Campaign, name: str) -> None:
    response = get(client, name, keep4o, "from=yesterday&unit=<script>")

    assert response.status_code == 422
    assert response["Content-Type"].startswith(("text/plain", "application/json"))


@pytest.mark.parametrize("name", ["campaign-svg", "campaign-csv", "campaign-json", "campaign-feed", "campaign-embed"])
def test_files_of_a_draft_are_not_found(client: Client, name: str) -> None:
    assert get(client, name, make_campaign(is_public=False)).status_code == 404


def test_only_the_embedded_page_may_be_framed(client: Client, keep4o: Campaign) -> None:
    embedded, page = get(client, "campaign-embed", keep4o), get(client, "campaign", keep4o)

    assert "frame-ancestors *" in embedded["Content-Security-Policy"]
    assert "default-src 'self'" in embedded["Content-Security-Policy"]
    assert "X-Frame-Options" not in embedded
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_the_embedded_page_explains_a_view_that_cannot_be_read(client: Client, keep4o: Campaign) -> None:
    response = get(client, "campaign-embed", keep4o, "unit=fortnight")

    assert response.status_code == 422
    assert "The page shows its usual view instead." in response.content.decode()


def test_links_of_the_embedded_page_lead_to_the_whole_view(client: Client, keep4o: Campaign) -> None:
    page = get(client, "campaign-embed", keep4o, "from=2025-08-01&to=2025-08-31").content.decode()

    assert (
        'href="http://127.0.0.1:8000/en/campaigns/keep4o/?from=2025-08-01&amp;to=2025-08-31#event-gpt5-launch"' in page
        or (
            'href="http://127.0.0.1:8000/en/campaigns/keep4o/?from=2025-08-01&amp;to=2025-08-31#event-lai-window"'
            in page
        )
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_feed_is_valid_atom_with_stable_ids_and_sources(client: Client, keep4o: Campaign, language: str) -> None:
    response = get(client, "campaign-feed", keep4o, "", language)

    feed = ElementTree.fromstring(response.content)
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert response["Content-Type"].startswith("application/atom+xml")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert len(entries) == 18
    assert len(set(ids)) == 18
    assert f"tag:127.0.0.1,2026:{language}/campaigns/keep4o/events/gpt5-launch" in ids
    for entry in [feed, *entries]:
        assert entry.findtext(f"{ATOM}title")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext(f"{ATOM}updated") or "")
        assert entry.find(f"{ATOM}link[@rel='alternate']") is not None
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").endswith(f"/{language}/campaigns/keep4o/feed.atom")
    via = [link.get("href") for link in feed.iter(f"{ATOM}link") if link.get("rel") == "via"]
    assert "https://arxiv.org/abs/2602.00773" in via


def test_a_milestone_enters_the_feed_and_renews_it(client: Client) -> None:
    petition = make_signed_petition({date(2026, 9, 1): 100}, milestones=(100,))
    campaign = make_campaign(petitions=(petition,))

    feed = ElementTree.fromstring(get(client, "campaign-feed", campaign).content)

    assert feed.findtext(f"{ATOM}updated") == "2026-09-01T12:05:00Z"
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "100 signatures: Keep it available (en)"
