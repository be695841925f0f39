"""One run: the site is started, the rows are measured one after the other, and all of it is stopped."""

from collections.abc import Mapping
from pathlib import Path

from bench import databases, filling, machine, report
from bench.asked import Wish
from bench.bench import Bench
from bench.row import Result, Row
from bench.rows import accept, export, fold, growth, pages, prove, whole
from bench.site import Site
from keep4o_site.stack import terminal
from keep4o_site.stack.application import Application
from keep4o_site.stack.places import Places
from keep4o_site.stack.supervision import Family

ROWS = {
    row.name: row
    for row in (accept.ROW, prove.ROW, whole.ROW, pages.PAGE, pages.COUNT, fold.ROW, export.ROW, growth.ROW)
}


def run(wish: Wish, env: Mapping[str, str]) -> int:
    """
    This function will measure what was asked for and show it.

    Returns: 0 if everything that is to be reached was, and from a quick run, which tells nothing of that; else 1.
    """
    places = Places(var=Path(env["VAR_DIR"]))
    machine.insist_on_durability(is_quick=wish.pace.is_quick)
    try:
        with Family() as family:
            bench = _start(wish, places, family, env)
            results = {name: _measure(ROWS[name], bench) for name in wish.names}
    finally:
        databases.drop_copies()
    report.show(results, pace=wish.pace)
    if wish.is_everything and not wish.pace.is_quick:
        report.write(results, rows=ROWS, pace=wish.pace, folder=places.var)
    return 0 if wish.pace.is_quick or all(result.is_reached for row in results.values() for result in row) else 1


def _start(wish: Wish, places: Places, family: Family, env: Mapping[str, str]) -> Bench:
    application = Application(places=places, env=env)
    with terminal.step("Database"):
        application.manage("migrate", "--no-input", "--verbosity", "0", log_name="migrate")
        application.manage("collectstatic", "--no-input", "--verbosity", "0", log_name="collectstatic")
    databases.keep_empty_copy()
    petition = filling.make_petition()
    with terminal.step("Web server"):
        site = Site(places=places, family=family, env=env)
    return Bench(pace=wish.pace, site=site, petition=petition, folder=places.var)


def _measure(row: Row, bench: Bench) -> list[Result]:
    with terminal.step(row.name):
        return row.measure(bench)
