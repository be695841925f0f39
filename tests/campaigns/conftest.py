"""The demo's chronology over two days with signatures and a milestone, for the tests of pages and files."""

from datetime import date

import pytest

from accounts.models import Team
from campaigns.actions.loading import load_chronology
from campaigns.models import Campaign
from tests.campaigns.making import demo_data, make_signed_petition
from tests.factories import NOW

SIGNED = {
    date(2025, 8, 7): 120,
    date(2025, 8, 8): 3,
    date(2025, 8, 9): 2,
    date(2025, 8, 12): 40,
    date(2026, 2, 13): 900,
}


@pytest.fixture
def keep4o(team: Team) -> Campaign:
    petition = make_signed_petition(SIGNED, slug="keep-gpt-4o", milestones=(100,))
    return load_chronology(data=demo_data(), team=team, petitions=[petition], now=NOW)
