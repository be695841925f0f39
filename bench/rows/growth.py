"""The same pages with few and with many signatures, each rendered anew for every question."""

import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from bench import databases, filling
from bench.bench import Bench
from bench.figures import Spread
from bench.row import Goal, Result, Row
from bench.site import OtherWeb
from bench.wrk import run_wrk

_PAGES = (
    ("petition page", filling.PETITION_PATH),
    ("count endpoint", filling.COUNT_PATH),
    ("organiser's page", f"/en/organise/petitions/{filling.SLUG}/"),
)
_TOLERANCE = 0.10
_CONNECTIONS = 4
_TURNS_A_ROUND = 3  # of a second each


def measure(bench: Bench) -> list[Result]:
    with ExitStack() as servers:
        webs = {
            size: servers.enter_context(_web_over(bench, size, number=number))
            for number, size in enumerate(bench.pace.sizes, start=2)
        }
        return [_measure_page(bench, webs, work=work, path=path) for work, path in _PAGES]


@contextmanager
def _web_over(bench: Bench, size: int, *, number: int) -> Iterator[tuple[OtherWeb, str]]:
    """This function will serve a petition of so many signatures, without the cache of pages, to its organiser too."""
    url = databases.filled(size)
    with databases.connected_to(databases.name_in(url)):
        cookie = filling.organiser_cookie()
    own_valkey = re.sub(r"db=\d+", f"db={number}", bench.site.env["REDIS_URL"])
    env = {"DATABASE_URL": url, "REDIS_URL": own_valkey}
    with bench.site.another_web("bench.uncached_wsgi:application", env) as web:
        yield web, cookie


def _measure_page(bench: Bench, webs: dict[int, tuple[OtherWeb, str]], *, work: str, path: str) -> Result:
    rates: dict[int, list[float]] = {size: [] for size in webs}
    largest = webs[max(webs)][0]
    meter = bench.meter(web=lambda: largest.pid)
    for turn in range(-1, bench.pace.rounds * _TURNS_A_ROUND):  # the first one warms the servers
        for size, (web, cookie) in sorted(webs.items(), reverse=turn % 2 == 1):
            with meter.running() if web is largest else nullcontext():
                rate = _rate(web, cookie=cookie, path=path)
            if turn >= 0:
                rates[size].append(rate)
    return _compared(rates, work=work, cpu=meter.cores())


def _compared(rates: dict[int, list[float]], *, work: str, cpu: dict[str, float]) -> Result:
    """This function will compare each size with the smallest one, turn by turn: neighbours in time met the same machine."""
    spreads = {size: Spread.of(of_size) for size, of_size in rates.items()}
    smallest, *others = sorted(rates)
    ratios = {
        size: statistics.median(rate / base for rate, base in zip(rates[size], rates[smallest], strict=True))
        for size in others
    }
    flat = all(ratio >= 1 - _TOLERANCE for ratio in ratios.values())
    return Result(
        work=f"growth: {work}",
        unit=f"answers/s at {others[-1]:,} signatures",
        measured=spreads[others[-1]],
        limit=spreads[smallest],
        ratio=ratios[others[-1]],
        reach=(Goal(words=f"at most {_TOLERANCE:.0%} slower", is_met=flat),),
        details=tuple(f"{size:,} signatures: {spread} answers/s" for size, spread in spreads.items()),
        cpu=cpu,
    )


def _rate(web: OtherWeb, *, cookie: str, path: str) -> float:
    return run_wrk(
        port=web.port,
        path=path,
        seconds=1,
        connections=_CONNECTIONS,
        env={"BENCH_COOKIE": cookie},
    ).per_s


ROW = Row(
    name="growth",
    title="Growth: the same pages, never cached, with few and with many signatures",
    limit=(
        "the same page of a petition with the fewest signatures, in a database of its own, on a server of its own, in "
        f"turn with the others, a second each, {_CONNECTIONS} connections; every petition has passed ten milestones"
    ),
    measure=measure,
)
