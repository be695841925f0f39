"""Times on the wall that never come, or come twice, are answered clearly."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from petitions.organiser_forms import ScheduleForm
from petitions.rules.wall_times import WallTimeProblem, wall_time_problem


@pytest.mark.parametrize(
    ("zone", "wall", "problem"),
    [
        ("Europe/Paris", "2027-03-28T02:30", WallTimeProblem.SKIPPED),
        ("Europe/Paris", "2027-03-28T02:00", WallTimeProblem.SKIPPED),
        ("Europe/Paris", "2027-03-28T03:00", None),
        ("Europe/Paris", "2027-10-31T02:30", WallTimeProblem.TWICE),
        ("Europe/Paris", "2027-10-31T03:00", None),
        ("Australia/Lord_Howe", "2027-04-04T01:45", WallTimeProblem.TWICE),
        ("Pacific/Apia", "2011-12-30T12:00", WallTimeProblem.SKIPPED),
        ("UTC", "2027-03-28T02:30", None),
    ],
)
def test_the_clocks_of_a_zone_are_known(zone: str, wall: str, problem: WallTimeProblem | None) -> None:
    assert wall_time_problem(wall=datetime.fromisoformat(wall), tz=ZoneInfo(zone)) == problem


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2027-03-28T02:30", "This time does not exist: the clocks of Europe/Paris go forward over it."),
        ("2027-10-31T02:30", "This time comes twice: the clocks of Europe/Paris go back that night."),
        ("0001-01-01T00:00", "Please give a year"),
        ("9999-12-31T23:59", "Please give a year"),
        ("soon", "Please give a date and a time"),
    ],
)
def test_a_form_says_what_is_wrong_with_a_time(typed: str, said: str) -> None:
    with timezone.override("Europe/Paris"):
        form = ScheduleForm({"opens_at": typed})

        assert form.errors["opens_at"][0].startswith(said)


def test_a_time_with_its_offset_is_never_in_doubt() -> None:
    with timezone.override("Europe/Paris"):
        form = ScheduleForm({"opens_at": "2027-10-31T02:30+01:00"})

        assert form.is_valid()
        assert form.cleaned_data["opens_at"].isoformat() == "2027-10-31T02:30:00+01:00"
