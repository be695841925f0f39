from pathlib import Path

import pytest

from bench import report
from bench.asked import ROW_NAMES, read
from bench.figures import Spread
from bench.goals import at_least
from bench.pace import FULL, QUICK
from bench.row import Result
from bench.rows import fold

RESULT = Result(
    work="fold",
    unit="entries/s",
    measured=Spread(60_000, 50_000, 70_000),
    limit=Spread(100_000, 90_000, 110_000),
    ratio=0.6,
    reach=at_least(0.6, 0.5),
    aim=at_least(0.6, 0.8),
    details=("200,000 entries",),
    cpu={"web": 0.0, "PostgreSQL": 0.9},
)


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "benchmarks.md"
    path.parent.mkdir()
    path.write_text(report.DOCUMENT.read_text())
    monkeypatch.setattr(report, "DOCUMENT", path)
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report.machine, "facts", lambda _folder: [("cores", "2")])
    return path


def test_what_people_wrote_is_kept(document: Path) -> None:
    by_people = document.read_text().partition("<!-- measured")[0], document.read_text().rpartition("-->")[2]

    for _ in range(2):
        report.write({"fold": [RESULT]}, rows={"fold": fold.ROW}, pace=FULL, folder=document.parent)

    written = document.read_text()
    assert (written.partition("<!-- measured")[0], written.rpartition("-->")[2]) == by_people
    assert written.count("| fold | 60,000 (50,000–70,000) entries/s | 100,000 (90,000–110,000) | 60% |") == 1
    assert "cores used: PostgreSQL 0.90" in written
    assert fold.ROW.limit in written


def test_what_was_not_met_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    report.show({"fold": [RESULT]}, pace=QUICK)

    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if line.startswith("fold"))
    assert line.split()[-3:] == ["60%", "yes", "no"]
    assert "    aim: ≥ 80% of the limit: no\n" in printed
    assert "measures nothing" in printed


def test_without_a_word_every_row_is_measured() -> None:
    assert read([]).names == ROW_NAMES
    assert read([]).is_everything


def test_rows_are_measured_in_their_order_whatever_was_said_first() -> None:
    wish = read(["growth", "accept", "--quick", "--sizes", "100,10_000"])

    assert wish.names == ("accept", "growth")
    assert (wish.pace.is_quick, wish.pace.sizes) == (True, (100, 10_000))


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["acept"])

    assert "acept" in capsys.readouterr().err
