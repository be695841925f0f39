from pathlib import Path

import pytest

from keep4o_site.stack import wrk
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without wrk, where only `tmp_path` is on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WRK", raising=False)
    return tmp_path


def _make_program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_wrk_is_taken(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    named = _make_program(bare_machine / "my-wrk")
    monkeypatch.setenv("WRK", str(named))

    assert wrk.require_wrk(places) == named


def test_what_is_missing_is_installed(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    installed = bare_machine / "wrk"
    installer = ["/bin/sh", "-c", f"printf '#!/bin/sh\\n' > {installed}; /bin/chmod +x {installed}"]
    monkeypatch.setattr(wrk, "_ways_to_install", lambda: [installer])

    assert wrk.require_wrk(places) == installed


def test_without_wrk_there_is_one_sentence(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    monkeypatch.setattr(wrk, "_ways_to_install", list)

    with pytest.raises(Trouble, match=r"^\./run bench needs the load generator wrk"):
        wrk.require_wrk(places)
