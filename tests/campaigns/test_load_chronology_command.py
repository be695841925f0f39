"""manage.py load_chronology: one sentence for each way in which it can go wrong, and nothing written then."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Team
from campaigns.models import Campaign
from tests.campaigns.making import DEMO_FILE
from tests.factories import make_petition

pytestmark = pytest.mark.django_db


def test_the_file_of_the_repository_is_loaded(team: Team) -> None:
    petition = make_petition(team=team, slug="keep-gpt-4o")
    output = StringIO()

    call_command("load_chronology", str(DEMO_FILE), team=team.slug, petition=[petition.slug], stdout=output)

    assert output.getvalue() == "keep4o: 17 public events.\n"
    assert Campaign.objects.get().petitions.get() == petition


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "no JSON in UTF-8"),
        (b"{", "no JSON in UTF-8"),
        (b"[]", "no chronology"),
        (b'{"campaign": {}}', "no chronology"),
    ],
)
def test_a_file_of_another_kind_is_refused(team: Team, tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "events.json"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        call_command("load_chronology", str(file), team=team.slug)
    assert not Campaign.objects.exists()


def test_a_missing_file_team_or_petition_is_named(team: Team, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_chronology", str(tmp_path / "none.json"), team=team.slug)
    with pytest.raises(CommandError, match="no team «nobody»"):
        call_command("load_chronology", str(DEMO_FILE), team="nobody")
    with pytest.raises(CommandError, match="no petition «other»"):
        call_command("load_chronology", str(DEMO_FILE), team=team.slug, petition=["other"])
