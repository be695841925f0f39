"""The table: for a person at a terminal, and for docs/benchmarks.md, whose hand-written sections are kept."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import machine
from bench.figures import number
from bench.pace import Pace
from bench.row import Goal, Result, Row
from keep4o_site.stack import terminal
from keep4o_site.stack.places import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- measured: written by ./run bench -->", "<!-- end of what is measured -->"
_HEAD = ("work", "measured", "limit", "ratio", "to reach", "reached", "aim", "met")
_SHORT_HEAD = ("work", "measured", "limit", "ratio", "reached", "aim met")
_NO_MEASUREMENT = "This was quick: it shows that the bench runs, and measures nothing."


def show(results: Mapping[str, list[Result]], *, pace: Pace) -> None:
    """This function will print the table, with what each row found beside its figures."""
    cells = [_SHORT_HEAD, *(_short_cells(result) for row in results.values() for result in row)]
    terminal.say()
    terminal.say(terminal.aligned("\n".join("\t".join(row) for row in cells)))
    for result in (result for row in results.values() for result in row):
        terminal.say(f"\n  {result.work}")
        for line in (*_judged(result), *result.details, _cpu_sentence(result)):
            terminal.say(f"    {line}")
    if pace.is_quick:
        terminal.notice(_NO_MEASUREMENT)


def write(results: Mapping[str, list[Result]], *, rows: Mapping[str, Row], pace: Pace, folder: Path) -> None:
    """This function will put what was measured between its two marks; what stands around them was written by people."""
    measured = "\n".join([_BEGIN, "", *_measured(results, rows=rows, pace=pace, folder=folder), "", _END])
    before = DOCUMENT.read_text()
    DOCUMENT.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _found: measured, before, flags=re.DOTALL))
    terminal.notice(f"Written to {DOCUMENT.relative_to(ROOT)}.")


def _measured(results: Mapping[str, list[Result]], *, rows: Mapping[str, Row], pace: Pace, folder: Path) -> list[str]:
    all_results = [result for row in results.values() for result in row]
    return [
        f"Measured on {datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC, {pace.rounds} rounds of {pace.seconds:g} s, work and limit in turn.",
        "",
        *_table(("", ""), machine.facts(folder)),
        "",
        "## Results",
        "",
        *_table(_HEAD, [_cells(result) for result in all_results]),
        "",
        "Figures are medians, with the lowest and the highest round.",
        "",
        "### Beside the figures",
        "",
        *(f"- **{result.work}**: {'; '.join((*result.details, _cpu_sentence(result)))}." for result in all_results),
        "",
        "## What each limit is",
        "",
        *(f"- **{rows[name].title}**: {rows[name].limit}." for name in results),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(result: Result) -> tuple[str, ...]:
    return (
        result.work,
        f"{result.measured} {result.unit}",
        str(result.limit) if result.limit else "–",
        f"{result.ratio:.0%}" if result.ratio is not None else "–",
        _words(result.reach),
        _verdict(result.reach),
        _words(result.aim),
        _verdict(result.aim),
    )


def _short_cells(result: Result) -> tuple[str, ...]:
    work, measured, limit, ratio, *_ = _cells(result)
    return work, measured, limit, ratio, _yes_or_no(result.reach), _yes_or_no(result.aim)


def _yes_or_no(goals: Sequence[Goal]) -> str:
    return ("yes" if all(goal.is_met for goal in goals) else "no") if goals else "–"


def _judged(result: Result) -> list[str]:
    """This function will say each thing that was to be reached or aimed at, and whether it was."""
    named = [*(("to reach", goal) for goal in result.reach), *(("aim", goal) for goal in result.aim)]
    return [f"{what}: {goal.words}: {'yes' if goal.is_met else 'no'}" for what, goal in named]


def _words(goals: Sequence[Goal]) -> str:
    return ", ".join(goal.words for goal in goals) or "–"


def _verdict(goals: Sequence[Goal]) -> str:
    missed = [goal.words for goal in goals if not goal.is_met]
    if not goals:
        return "–"
    return "yes" if not missed else "no" if len(goals) == 1 else f"no: {', '.join(missed)}"


def _cpu_sentence(result: Result) -> str:
    used = sorted(result.cpu.items(), key=lambda item: -item[1])
    return "cores used: " + (", ".join(f"{name} {number(cores)}" for name, cores in used if cores >= 0.005) or "–")
