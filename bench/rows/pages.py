"""What is asked for most: the petition page and the count, beside a function that returns the same bytes."""

import json
from collections.abc import Callable
from pathlib import Path

from bench import filling
from bench.bench import Bench
from bench.figures import interleaved
from bench.goals import at_least
from bench.insisting import insist
from bench.row import Result, Row
from bench.site import Answer
from bench.wrk import Load, run_wrk

_CONNECTIONS = 32
# Of the server itself, which puts its own before each answer.
_OF_THE_SERVER = ("date", "server", "transfer-encoding", "connection")
_SHARE = 0.5


def measure_page(bench: Bench) -> list[Result]:
    return _measure(bench, path=filling.PETITION_PATH, work="petition page, warm")


def measure_count(bench: Bench) -> list[Result]:
    return _measure(bench, path=filling.COUNT_PATH, work="count endpoint")


def _measure(bench: Bench, *, path: str, work: str) -> list[Result]:
    answer = bench.site.get(path, headers={"Accept-Encoding": "gzip"})
    insist(answer.status == 200, f"{path} answered {answer.status}")
    with bench.site.another_web("bench.bare_wsgi:application", _bare_env(bench.folder, answer)) as bare:
        meter, loads = bench.meter(bare=lambda: bare.pid), list[Load]()
        for port in (bench.site.port, bare.port):
            _load(port, path, 1)

        def load_site() -> float:
            with meter.running():
                loads.append(_load(bench.site.port, path, bench.pace.seconds))
            return loads[-1].per_s

        compared = interleaved(
            work=load_site,
            limit=lambda: _load(bare.port, path, bench.pace.seconds).per_s,
            rounds=bench.pace.rounds,
        )
    slowest = max(load.p99_ms for load in loads)
    return [
        Result(
            work=work,
            unit="answers/s",
            measured=compared.work,
            limit=compared.limit,
            ratio=compared.ratio,
            reach=at_least(compared.ratio, _SHARE),
            details=(f"{len(answer.body):,} bytes, compressed; p99 {slowest:.1f} ms at {_CONNECTIONS} connections",),
            cpu=meter.cores(),
        )
    ]


def _load(port: int, path: str, seconds: float) -> Load:
    return run_wrk(port=port, path=path, seconds=seconds, connections=_CONNECTIONS)


def _bare_env(folder: Path, answer: Answer) -> dict[str, str]:
    headers = [(name, value) for name, value in answer.headers if name.lower() not in _OF_THE_SERVER]
    file = folder / "bare_answer.json"
    file.write_text(json.dumps({"headers": headers, "body": answer.body.hex()}))
    return {"BARE_ANSWER": str(file)}


def _row(name: str, title: str, measure: Callable[[Bench], list[Result]]) -> Row:
    return Row(
        name=name,
        title=title,
        limit=(
            "a WSGI function that returns the bytes and headers of one such answer and does nothing else, on the same "
            f"server with the same options (bench/bare_wsgi.py), {_CONNECTIONS} connections each"
        ),
        measure=measure,
    )


PAGE = _row("page", "Petition page, warm: what the site's own cache answers", measure_page)
COUNT = _row("count", "Count endpoint", measure_count)
