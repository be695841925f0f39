import io

import pytest

from keep4o_site.stack.commands.reset import reset_data
from keep4o_site.stack.locks import site_lock
from keep4o_site.stack.places import Places
from keep4o_site.stack.trouble import Trouble


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def data(places: Places, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("VAR_DIR", str(places.var))
    (places.postgres / "base").mkdir(parents=True)
    places.secrets.write_text("SECRET_KEY=old")
    places.demo_accounts.write_text("bob")
    return places


def test_reset_deletes_all_data(data: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset_data(["--yes"]) == 0

    left = {entry.name for entry in data.var.iterdir()}
    assert left <= {"launcher.lock", "children.lock"}
    assert "starts afresh" in capsys.readouterr().out


def test_reset_without_a_terminal_needs_yes(data: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    with pytest.raises(Trouble, match="--yes"):
        reset_data([])

    assert data.secrets.exists()


def test_reset_asks_at_a_terminal(data: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))

    assert reset_data([]) == 0

    assert not data.secrets.exists()


@pytest.mark.parametrize("answer", ["n\n", "\n", "yesterday\n"])
def test_reset_takes_any_other_answer_for_a_no(data: Places, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    with pytest.raises(Trouble, match=r"^Nothing was deleted\.$"):
        reset_data([])

    assert data.secrets.exists()


def test_reset_refuses_while_a_launcher_runs(data: Places) -> None:
    with site_lock(data, command="run"), pytest.raises(Trouble, match="already runs in this checkout"):
        reset_data(["--yes"])

    assert data.secrets.exists()


def test_reset_refuses_what_it_does_not_know(data: Places) -> None:
    with pytest.raises(Trouble, match="does not know “--force”"):
        reset_data(["--force"])

    assert data.secrets.exists()
