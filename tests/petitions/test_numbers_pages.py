"""The pages of the numbers: the same for everybody, every state said in words, the picture beside its table."""

import re
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.remembering import forget_everything
from petitions.models import Petition, PetitionState
from petitions.rules.history_chart import LAYOUT_WIDTHS, Unit, history_chart
from petitions.rules.public_history import DAY, HOUR, public_history
from tests.factories import make_petition
from tests.petitions.test_history_api import counted, running
from tests.petitions.test_public_history import START, history_of

pytestmark = pytest.mark.django_db


def path_of(view: str, *more: str) -> str:
    return reverse(f"petitions:{view}", args=["keep", *more])


def page_of(client: Client, view: str, *more: str) -> str:
    response = client.get(path_of(view, *more))
    assert response.status_code == 200
    return response.content.decode()


# --- The picture ------------------------------------------------------------------------------------------------------
def test_there_is_no_picture_of_nothing() -> None:
    assert history_chart(history=history_of([0]), reached=[]) is None


@pytest.mark.parametrize(
    ("days", "unit"), [(1, Unit.HOUR), (4, Unit.HOUR), (5, Unit.DAY), (1100, Unit.DAY), (1101, Unit.WEEK)]
)
def test_a_picture_is_drawn_by_hour_day_or_week(days: int, unit: Unit) -> None:
    history = public_history(hours={START: 9}, until=START + days * DAY - HOUR)

    chart = history_chart(history=history, reached=[])

    assert chart is not None
    assert chart.unit is unit


def test_the_area_is_as_high_as_what_is_shown_and_hidden_days_are_one_hatch() -> None:
    history = history_of([20] * 24, [2], [3], [10] * 24, [10] * 24)

    chart = history_chart(history=history, reached=[])

    assert chart is not None
    assert chart.area == "M0 1000V200H1V1000H3V600H5V1000Z"
    assert [(hatch.fraction, hatch.share) for hatch in chart.hatches] == [(0.2, 0.4)]


def test_labels_of_milestones_never_touch_and_the_highest_is_kept() -> None:
    history = public_history(hours={START: 9}, until=START + 400 * DAY)
    reached = [(10**n, START + n * HOUR) for n in range(1, 7)] + [(2_000_000, START + 399 * DAY)]

    chart = history_chart(history=history, reached=reached)

    assert chart is not None
    assert len(chart.flags) == 7
    for layout in chart.layouts:
        assert [label.threshold for label in layout.labels] == [1_000_000, 2_000_000]
        places = [tick.fraction * LAYOUT_WIDTHS[layout.name] for tick in layout.ticks]
        assert all(b - a > 40 for a, b in pairwise(places))


@pytest.mark.parametrize(("days", "kind"), [(4, "hour"), (5, "day")])
def test_no_time_is_named_that_is_finer_than_a_bar(days: int, kind: str) -> None:
    history = public_history(hours={START: 9}, until=START + days * DAY - HOUR)

    chart = history_chart(history=history, reached=[])

    assert chart is not None
    (wide,) = (layout for layout in chart.layouts if layout.name == "wide")
    assert {tick.kind for tick in wide.ticks} == {kind}


# --- The pages --------------------------------------------------------------------------------------------------------
def test_the_numbers_lead_from_months_to_days_to_hours(client: Client) -> None:
    running(per_hour=10, days=100)
    yesterday = timezone.now() - DAY

    overview = page_of(client, "petition-numbers")
    month = page_of(client, "petition-numbers-of", f"{yesterday:%Y-%m}")
    day = page_of(client, "petition-numbers-of", f"{yesterday:%Y-%m-%d}")

    assert path_of("petition-numbers-of", f"{yesterday:%Y-%m}") in overview
    assert path_of("petition-numbers-of", f"{yesterday:%Y-%m-%d}") in month
    assert day.count('<td class="number">10</td>') == 24
    assert "/api/v1/petitions/keep/history?format=csv" in overview


@pytest.mark.parametrize("period", ["2026", "2026-2", "2026-02-31", "1999-01-01", "2099-12", "x", "0" * 300])
def test_what_is_no_period_of_the_history_is_not_there(client: Client, period: str) -> None:
    running(per_hour=10)

    assert client.get(path_of("petition-numbers-of", period)).status_code == 404


@pytest.mark.parametrize(
    ("per_hour", "fields", "sentence"),
    [
        (100, {}, "If the pace of the last 7 days holds, or goes on fading as it does: <strong>"),
        (100, {"days": 2}, "There is too little to go by"),
        (100, {"state": PetitionState.PAUSED}, "Signing is paused"),
        (100, {"closes_at": timezone.now() + HOUR}, "not reached before the petition closes"),
    ],
)
def test_what_comes_next_is_said_in_words(client: Client, per_hour: int, fields: dict[str, Any], sentence: str) -> None:
    running(per_hour=per_hour, **fields)

    assert sentence in page_of(client, "petition-numbers")
    assert sentence in page_of(client, "petition-detail")


def test_after_the_closing_the_records_stay(client: Client) -> None:
    petition = running(per_hour=100, state=PetitionState.CLOSED, closes_at=timezone.now())

    page = page_of(client, "petition-numbers")

    assert "This petition is closed." in page
    assert "Busiest hour" in page
    assert "In the last hour" not in page
    assert petition.state == PetitionState.CLOSED


@pytest.mark.parametrize("view", ["petition-detail", "petition-numbers", "petition-numbers-svg"])
def test_before_the_first_signature_every_page_says_so(client: Client, view: str) -> None:
    make_petition(slug="keep")

    assert "No signature is counted yet." in page_of(client, view)


@pytest.mark.parametrize("view", ["petition-numbers", "petition-numbers-svg"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_numbers_are_for_every_cache(client: Client, view: str, language: str) -> None:
    running(per_hour=10)

    response = client.get(path_of(view).replace("/en/", f"/{language}/"))

    assert response.headers["Cache-Control"].startswith("public, max-age=0, s-maxage=30, stale-while-revalidate=300")
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("view", ["petition-numbers", "petition-numbers-svg"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_numbers_are_only_read(client: Client, view: str, method: str) -> None:
    make_petition(slug="keep")

    assert getattr(client, method)(path_of(view)).status_code == 405


def test_what_is_not_public_yet_has_no_numbers(client: Client) -> None:
    make_petition(slug="keep", state=PetitionState.DRAFT)

    for view in ("petition-numbers", "petition-numbers-svg"):
        assert client.get(path_of(view)).status_code == 404


def test_the_picture_alone_runs_nothing_and_may_be_shown_anywhere(client: Client) -> None:
    running(per_hour=10)

    response = client.get(path_of("petition-numbers-svg"))

    assert response.headers["Content-Type"].startswith("image/svg+xml")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script|\son\w+=|style=", response.content.decode())
    assert "<title" in response.content.decode()


def test_the_petition_page_draws_its_numbers_once_a_minute(client: Client) -> None:
    petition = running(per_hour=10)
    before = page_of(client, "petition-detail")

    counted_more = Petition.objects.get(pk=petition.pk).buckets.update(n=70)
    again = page_of(client, "petition-detail")
    forget_everything()
    later = page_of(client, "petition-detail")

    def area(page: str) -> list[str]:
        return re.findall(r"numbers-scale.*?</svg>", page, re.DOTALL)

    assert counted_more
    assert area(before) == area(again) != area(later)
    assert 'role="img"' in before


def test_hostile_titles_stay_text_in_the_picture(client: Client) -> None:
    petition = running(per_hour=10)
    petition.texts.update(title="</title><script>alert(1)</script>")

    assert "<script" not in page_of(client, "petition-numbers-svg")


def test_the_first_hour_is_drawn_by_hour(client: Client) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    counted(make_petition(slug="keep", opens_at=hour), {hour: 12})

    assert "Signatures by hour of UTC" in page_of(client, "petition-numbers")
