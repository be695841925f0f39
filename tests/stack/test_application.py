import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from keep4o_site.stack import application as stack_application
from keep4o_site.stack.application import Application, compile_translations, load_demo_once, migrate
from keep4o_site.stack.engines import Engines
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble

# Stands in for manage.py: notes what it is asked.
FAKE_MANAGE = "import sys; open('asked', 'a').write(' '.join(sys.argv[1:]) + '\\n'); print(f'said {sys.argv[1]}')"


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "manage.py").write_text(FAKE_MANAGE)
    (tmp_path / "requirements.txt").write_text("django==5.2")
    (tmp_path / "petitions" / "migrations").mkdir(parents=True)
    monkeypatch.setattr(stack_application, "ROOT", tmp_path)
    monkeypatch.setattr("keep4o_site.stack.jobs.ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def application(places: Places) -> Application:
    return Application(places=places, env=dict(os.environ))


@dataclass(frozen=True)
class KnownEngines(Engines):
    """Engines whose database says what a test wants."""

    identity: str = "cluster one"
    applied: str | None = "petitions.0001"

    def database_identity(self) -> str:
        return self.identity

    def applied_migrations(self) -> str | None:
        return self.applied


@pytest.fixture
def engines() -> KnownEngines:
    return KnownEngines(database_url="postgresql://x", redis_url="unix:///x", postgres=None)


def _asked(checkout: Path) -> list[str]:
    asked = checkout / "asked"
    return asked.read_text().split("\n")[:-1] if asked.exists() else []


def test_migrations_run_once_and_again_when_the_files_change(
    checkout: Path, application: Application, engines: KnownEngines
) -> None:
    migrate(application, engines)
    migrate(application, engines)
    assert len(_asked(checkout)) == 1

    (checkout / "petitions" / "migrations" / "0002_more.py").write_text("# new")
    migrate(application, engines)

    assert len(_asked(checkout)) == 2


@pytest.mark.parametrize("change", [{"identity": "cluster two"}, {"applied": ""}], ids=str)
def test_migrations_run_again_when_the_database_is_another_or_was_taken_back(
    checkout: Path, application: Application, engines: KnownEngines, change: dict[str, Any]
) -> None:
    migrate(application, engines)

    migrate(application, replace(engines, **change))

    assert len(_asked(checkout)) == 2


def test_a_database_that_is_not_ours_is_migrated_at_every_start(
    checkout: Path, application: Application, engines: KnownEngines
) -> None:
    for _ in range(2):
        migrate(application, replace(engines, applied=None))

    assert len(_asked(checkout)) == 2


def test_the_demo_is_loaded_once_for_a_database_and_its_accounts_are_kept(
    checkout: Path, application: Application, engines: KnownEngines
) -> None:
    load_demo_once(application, engines)
    load_demo_once(application, engines)
    assert _asked(checkout) == ["load_demo", "demo_accounts"]
    assert application.places.demo_accounts.read_text() == "said demo_accounts\n"
    assert application.places.demo_accounts.stat().st_mode & 0o777 == 0o600

    load_demo_once(application, replace(engines, identity="cluster two"))

    assert len(_asked(checkout)) == 4


def test_translations_are_compiled_when_a_catalogue_changes_or_a_result_is_missing(
    checkout: Path, application: Application
) -> None:
    catalogue = checkout / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("one")
    compiled = catalogue.with_suffix(".mo")

    for change in (lambda: None, lambda: catalogue.write_text("two"), compiled.unlink, lambda: None):
        compiled.touch()
        change()
        compile_translations(application)

    assert _asked(checkout) == ["translations compile"] * 3


def test_a_command_that_fails_is_named_with_its_last_lines(checkout: Path, application: Application) -> None:
    (checkout / "manage.py").write_text("import sys; sys.exit('the petition has no name')")

    with pytest.raises(Trouble, match=r"^`manage.py load_demo --force` failed; its whole output is in ") as trouble:
        application.manage("load_demo", "--force", log_name="demo")

    assert trouble.value.details == "the petition has no name"
