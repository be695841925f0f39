import sys
from pathlib import Path

import pytest

from keep4o_site.stack import virtualenv
from keep4o_site.stack.ports import any_free_port
from keep4o_site.stack.trouble import Trouble


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{any_free_port()}/simple")


def test_without_a_network_pip_s_trouble_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_index: None
) -> None:
    (tmp_path / "requirements-dev.txt").write_text("keep4o-is-not-a-package\n")
    monkeypatch.setattr(virtualenv, "ROOT", tmp_path)
    monkeypatch.setattr(virtualenv, "PYTHON", Path(sys.executable))

    with pytest.raises(Trouble, match=r"^pip cannot reach the package index: check the network") as trouble:
        virtualenv._install(tmp_path / "setup.log")

    assert trouble.value.details == ""
    assert "keep4o-is-not-a-package" in (tmp_path / "setup.log").read_text()


def test_any_other_trouble_of_pip_shows_pip_s_last_words(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    log.write_text("ERROR: django 5.2 needs a newer Python\n")

    trouble = virtualenv.install_failure(log)

    assert str(trouble) == f"pip could not install the packages; the whole output is in {log}."
    assert trouble.details == "ERROR: django 5.2 needs a newer Python"


def test_too_little_room_is_said_before_the_work_begins(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"^The set-up needs 999999999 MB of disk, but .* has only \d+ MB left\.$"):
        virtualenv.require_room(tmp_path, needed_mb=999_999_999)


def test_an_environment_whose_installing_was_cut_short_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(virtualenv, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(virtualenv, "_UNFINISHED", tmp_path / ".unfinished")
    assert virtualenv._is_sound()

    (tmp_path / ".unfinished").touch()

    assert not virtualenv._is_sound()
