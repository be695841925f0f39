from pathlib import Path

import pytest

from keep4o_site.stack import chromium
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser, where only `tmp_path` is on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return tmp_path


def _make_program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_named_chromium_is_taken(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    named = _make_program(bare_machine / "my-browser")
    monkeypatch.setenv("CHROMIUM", str(named))

    assert chromium.require_chromium(places) == named


def test_a_named_chromium_that_does_not_start_is_refused(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    with pytest.raises(Trouble, match=r"^CHROMIUM names /nowhere/chromium, which does not start\.$"):
        chromium.require_chromium(places)


def test_a_browser_that_does_not_start_is_passed_over(bare_machine: Path) -> None:
    _make_program(bare_machine / "chromium", "exit 1")
    works = _make_program(bare_machine / "playwright" / "chromium-1200" / "chrome-linux" / "chrome")

    assert chromium.find_chromium() == works


def test_what_is_missing_is_installed(bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    installed = bare_machine / "chromium"
    installer = ["/bin/sh", "-c", f"printf '#!/bin/sh\\n' > {installed}; /bin/chmod +x {installed}"]
    monkeypatch.setattr(chromium, "_ways_to_install", lambda: [[["/bin/false"]], [installer]])

    assert chromium.require_chromium(places) == installed


def test_no_chromium_at_all_stops_the_tests_with_one_sentence(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(chromium, "_ways_to_install", lambda: [[["/bin/false"]]])

    with pytest.raises(Trouble, match=r"^The browser tests need Chromium and it could not be installed"):
        chromium.require_chromium(places)
