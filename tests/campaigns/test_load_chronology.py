"""The chronology of the repository's file becomes a public campaign, as often as it is loaded."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Team
from campaigns.actions.errors import UnreadableChronology
from campaigns.actions.loading import load_chronology
from campaigns.models import Campaign, Event, EventDate, EventSource, EventText, ReportedFigure
from tests.campaigns.making import demo_data
from tests.factories import NOW, make_petition
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db
COUNTED = (Campaign, Event, EventText, EventSource, EventDate, ReportedFigure)


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


def test_every_event_of_the_file_is_public_with_its_sources(team: Team) -> None:
    data = demo_data()
    petition = make_petition(team=team)

    campaign = load_chronology(data=data, team=team, petitions=[petition], now=NOW)

    assert campaign.events.filter(published=True).count() == len(data["events"]) == 17
    assert campaign.petitions.get() == petition
    assert set(campaign.texts.values_list("language", flat=True)) == {"en", "fr"}
    restored = campaign.events.get(key="restored-paid")
    assert restored.competing_dates.get().source == "MIT Technology Review"
    assert {text.language for text in restored.texts.all()} == {"en", "fr"}
    assert campaign.events.get(key="chi-2026").precision == "month"
    assert campaign.reported_series.count() == 2


def test_every_text_of_the_file_is_in_both_languages() -> None:
    data = demo_data()

    texts = [data["campaign"][part] for part in ("title", "summary", "body")]
    texts += [event["title"] for event in data["events"]]
    texts += [series[part] for series in data["reported_figures"] for part in ("series", "unit")]
    assert all(set(text) == {"en", "fr"} and all(text.values()) for text in texts)


def test_loading_again_changes_nothing(team: Team) -> None:
    load_chronology(data=demo_data(), team=team, petitions=[], now=NOW)
    before = counts()

    load_chronology(data=demo_data(), team=team, petitions=[], now=NOW + timedelta(days=1))

    assert counts() == before
    assert set(Event.objects.values_list("updated_at", flat=True)) == {NOW}


def test_a_corrected_file_corrects_the_event_and_leaves_others_alone(team: Team) -> None:
    campaign = load_chronology(data=demo_data(), team=team, petitions=[], now=NOW)
    data = demo_data()
    data["events"] = [{**data["events"][0], "at": "2024-05-14"}]
    later = NOW + timedelta(days=1)

    load_chronology(data=data, team=team, petitions=[], now=later)

    assert campaign.events.count() == 17
    assert [event.key for event in campaign.events.filter(updated_at=later)] == ["gpt4o-release"]


def test_an_event_without_a_source_is_kept_but_not_public(team: Team) -> None:
    data = demo_data()
    data["events"] = [{**data["events"][0], "sources": []}]

    campaign = load_chronology(data=data, team=team, petitions=[], now=NOW)

    assert not campaign.events.get().published


def test_an_event_taken_back_by_an_organiser_stays_so_when_the_file_is_loaded_again(team: Team) -> None:
    campaign = load_chronology(data=demo_data(), team=team, petitions=[], now=NOW)
    campaign.events.filter(key="chi-2026").update(published=False)

    load_chronology(data=demo_data(), team=team, petitions=[], now=NOW)

    assert not campaign.events.get(key="chi-2026").published


def test_the_plain_form_of_reported_figures_is_read_too(team: Team) -> None:
    data = demo_data()
    data["reported_figures"] = [
        {
            "series": "Petition elsewhere",
            "unit": "signatures",
            "points": [{"at": "2026-02-13", "value": 3, "source": "S"}],
        }
    ]

    campaign = load_chronology(data=data, team=team, petitions=[], now=NOW)

    assert campaign.reported_series.get().key == "petition-elsewhere"
    assert campaign.reported_series.get().figures.get().qualifier == ""


def _without_kind(data: dict[str, Any]) -> None:
    del data["events"][0]["kind"]


def _unknown_kind(data: dict[str, Any]) -> None:
    data["events"][0]["kind"] = "party"


def _date_of_other_precision(data: dict[str, Any]) -> None:
    data["events"][0]["at"] = "2024-05"


def _source_without_name(data: dict[str, Any]) -> None:
    del data["events"][3]["sources"][0]["name"]


def _unknown_qualifier(data: dict[str, Any]) -> None:
    data["reported_figures"][0]["points"][0]["qualifier"] = "perhaps"


@pytest.mark.parametrize(
    "spoil", [_without_kind, _unknown_kind, _date_of_other_precision, _source_without_name, _unknown_qualifier]
)
def test_data_of_another_shape_is_refused_whole(team: Team, spoil: Any) -> None:
    data = deepcopy(demo_data())
    spoil(data)

    with pytest.raises(UnreadableChronology):
        load_chronology(data=data, team=team, petitions=[], now=NOW)

    assert not Campaign.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_loading_twice_at_once_leaves_one_chronology(team: Team) -> None:
    data = demo_data()
    data["events"] = data["events"][:3]

    results_of(run_in_parallel(lambda: load_chronology(data=data, team=team, petitions=[], now=NOW), times=3))

    assert Campaign.objects.get().events.count() == 3
    assert EventSource.objects.count() == sum(len(event["sources"]) for event in data["events"])
