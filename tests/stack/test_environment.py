import base64
from pathlib import Path

import pytest

from keep4o_site.stack.dev_secrets import development_secrets
from keep4o_site.stack.environment import site_environment
from keep4o_site.stack.places import Places


def _environment(places: Places) -> dict[str, str]:
    return site_environment(
        places=places, database_url="postgresql://d", redis_url="unix:///r", site_url="http://127.0.0.1:8100"
    )


def test_secrets_are_made_once_and_only_their_owner_reads_them(places: Places) -> None:
    first = development_secrets(places)

    assert development_secrets(places) == first
    assert places.secrets.stat().st_mode & 0o777 == 0o600


def test_secrets_are_strong_and_two_sites_share_none(places: Places, tmp_path: Path) -> None:
    secrets = development_secrets(places)
    places.secrets.unlink()
    others = development_secrets(places)

    key_id, encryption_key = secrets["ENCRYPTION_KEYS"].split(":")
    assert key_id == "dev"
    assert len(base64.b64decode(encryption_key, validate=True)) == 32
    assert all(len(value) >= 32 for value in secrets.values())
    assert not set(secrets.values()) & set(others.values())


def test_a_start_that_was_cut_short_leaves_no_half_secrets(places: Places) -> None:
    places.secrets.with_suffix(".unfinished").write_text("SECRET_KEY=ha")

    assert set(development_secrets(places)) == {"SECRET_KEY", "IDENTITY_KEY", "ENCRYPTION_KEYS"}


def test_every_process_gets_the_whole_environment(places: Places) -> None:
    env = _environment(places)

    assert env["DATABASE_URL"] == "postgresql://d"
    assert env["REDIS_URL"] == "unix:///r"
    assert env["SITE_URL"] == "http://127.0.0.1:8100"
    assert env["VAR_DIR"] == str(places.var)
    assert env["DEVELOPMENT"] == "1"


def test_a_secret_that_the_caller_set_wins(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the caller's own")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "another.project")
    monkeypatch.setenv("PYTHONPATH", "/another/project")

    env = _environment(places)

    assert env["SECRET_KEY"] == "the caller's own"
    assert env["DJANGO_SETTINGS_MODULE"] == "keep4o_site.settings"
    assert "PYTHONPATH" not in env
