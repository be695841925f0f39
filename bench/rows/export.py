"""Taking out a million signatures: their counts at once, their rows as a file."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from bench import databases, filling, psql
from bench.bench import Bench
from bench.figures import Spread, interleaved, percentile
from bench.goals import at_least
from bench.insisting import insist
from bench.row import Goal, Result, Row
from bench.site import get
from keep4o_site.stack.virtualenv import PYTHON

_COUNTS_PATH = f"/api/v1/petitions/{filling.SLUG}/counts?by=day&format=csv"
_COUNTS_TIMES = 20
_MOST_MS = 50
_ROWS_SHARE = 0.3
_MOST_GROWN_BYTES = 64 * 2**20
_PETITION = f"(SELECT id FROM petitions_petition WHERE slug = '{filling.SLUG}')"
_COPY_COUNTS = (
    r"\copy (SELECT date_trunc('day', starts_at AT TIME ZONE 'UTC'), sum(n) FROM petitions_tallybucket "
    f"WHERE petition_id = {_PETITION} GROUP BY 1 ORDER BY 1) TO '{{file}}' (FORMAT csv)"
)
_COPY_ROWS = (
    r"\copy (SELECT to_char(date_bin('15 minutes', verified_at, timestamptz '2000-01-01 00:00:00Z') AT TIME ZONE 'UTC', "
    '\'YYYY-MM-DD"T"HH24:MI"Z"\'), country, channel, language FROM petitions_signature '
    f"WHERE petition_id = {_PETITION} AND invalidated_at IS NULL AND held_at IS NULL ORDER BY verified_at, id) "
    "TO '{file}' (FORMAT csv)"
)


def measure(bench: Bench) -> list[Result]:
    url = databases.filled(bench.pace.signatures)
    return [_measure_counts(bench, url), _measure_rows(bench, url)]


def _measure_counts(bench: Bench, url: str) -> Result:
    with databases.connected_to(databases.name_in(url)):
        cookie = filling.organiser_cookie()
    file, all_ms = bench.folder / "counts.csv", list[float]()
    with bench.site.another_web("keep4o_site.wsgi:application", {"DATABASE_URL": url}) as web:
        meter = bench.meter(web=lambda: web.pid)

        def ask() -> float:
            with meter.running():
                times = [_answer_ms(web.port, cookie) for _ in range(_COUNTS_TIMES)]
            all_ms.extend(times)
            return percentile(times, 50)

        ask()  # the first one warms the server
        all_ms.clear()
        compared = interleaved(
            work=ask,
            limit=lambda: psql.seconds_of(_COPY_COUNTS.format(file=file), url=url) * 1000,
            rounds=bench.pace.rounds,
        )
    return Result(
        work=f"export of the counts of {bench.pace.signatures:,} signatures by day",
        unit="ms",
        measured=compared.work,
        limit=compared.limit,
        ratio=1 / compared.ratio,
        reach=(Goal(words=f"< {_MOST_MS} ms", is_met=compared.work.median < _MOST_MS),),
        details=(f"p99 of {len(all_ms)} answers {percentile(all_ms, 99):.1f} ms",),
        cpu=meter.cores(),
    )


def _answer_ms(port: int, cookie: str) -> float:
    began = time.perf_counter()
    answer = get(port=port, path=_COUNTS_PATH, headers={"Cookie": cookie})
    took = time.perf_counter() - began
    insist(answer.status == 200 and answer.body.count(b"\n") > 30, f"the counts were answered with {answer.status}")
    return took * 1000


def _measure_rows(bench: Bench, url: str) -> Result:
    made, meter = list[dict[str, Any]](), bench.meter()

    def work() -> float:
        with meter.running():
            made.append(_export_rows(bench, url))
        return float(made[-1]["rows"] / made[-1]["seconds"])

    def limit() -> float:
        file = bench.folder / "rows.csv"
        took = psql.seconds_of(_COPY_ROWS.format(file=file), url=url)
        return _lines_of(file) / took

    compared = interleaved(work=work, limit=limit, rounds=bench.pace.rounds)
    grown = max(each["grown_bytes"] for each in made)
    insist(_lines_of(bench.folder / "rows.csv") == made[-1]["rows"] == bench.pace.signatures, "the two files differ")
    return Result(
        work=f"export of {bench.pace.signatures:,} signatures as rows of CSV",
        unit="rows/s",
        measured=compared.work,
        limit=compared.limit,
        ratio=compared.ratio,
        reach=(
            *at_least(compared.ratio, _ROWS_SHARE),
            Goal(words="memory grows by < 64 MiB", is_met=grown < _MOST_GROWN_BYTES),
        ),
        details=(
            "the writing process is what is called the load",
            f"{Spread.of([each['seconds'] for each in made])} s for {made[-1]['bytes']:,} bytes",
            f"the writing process grew by {grown / 2**20:.1f} MiB",
        ),
        cpu=meter.cores(),
    )


def _export_rows(bench: Bench, url: str) -> dict[str, Any]:
    run = subprocess.run(
        [PYTHON, "-m", "bench.exporting", filling.SLUG],
        env={**bench.site.env, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    insist(run.returncode == 0, f"the export failed: {run.stderr[-600:]}")
    said: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return said


def _lines_of(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))


ROW = Row(
    name="export",
    title="Exports of a million signatures",
    limit=(
        "psql \\copy of the same sums, and of the same rows and columns, to a file. Counts are asked for over HTTP by "
        "an organiser, one after the other, and never cached; rows are written by the action that the worker calls, in "
        "a process of its own whose memory is watched"
    ),
    measure=measure,
)
