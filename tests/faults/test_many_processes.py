"""Two web servers behind a balancer and three workers: each is asked to stop, and killed, while people sign and prove."""

import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from keep4o_site.stack.application import Application
from keep4o_site.stack.children import Child, Program, start
from keep4o_site.stack.ports import any_free_port
from keep4o_site.stack.supervision import Family
from tests.faults.balancer import Balancer, balancing
from tests.faults.test_engines_lost_under_load import Watch, await_more
from tests.faults.visitors import BEHIND_PROXY, Answer, Crowd, Visitor, eventually, mailed_links, signing_form
from tests.live_site import LiveSite, demo_template, live_site_over

pytestmark = pytest.mark.slow  # the whole product, twice the web server and three times the worker
LONGEST_ERROR_S = 5
PRESSES_AGAIN_AFTER_S = 0.1
ASK_TO_STOP, KILL = signal.SIGTERM, signal.SIGKILL
STOPS_WITHIN_S = 15  # a worker ends what it does


@dataclass(kw_only=True)
class InsistentVisitor(Visitor):
    """Presses again whenever the answer is that something is away, and knows how long that took altogether."""

    waits_s: list[float] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> Answer:
        started = time.monotonic()
        while (answer := super().ask(method, path, body, headers)).status in (502, 503, 504):
            assert time.monotonic() - started < LONGEST_ERROR_S
            time.sleep(PRESSES_AGAIN_AFTER_S)
        self.waits_s.append(time.monotonic() - started)
        return answer


class InsistentCrowd(Crowd):
    """People who come by the balancer."""

    def __init__(self, site: LiveSite, balancer: Balancer) -> None:
        super().__init__(site, signing_form(site))
        self._url = balancer.url

    def longest_wait_s(self) -> float:
        visitors = [visitor for visitor in self.visitors if isinstance(visitor, InsistentVisitor)]
        return max(wait_s for visitor in visitors for wait_s in list(visitor.waits_s))

    def _visitor(self) -> Visitor:
        visitor = InsistentVisitor(site_url=self._url)
        self.visitors.append(visitor)
        return visitor


class Processes:
    """What runs beside the site's own database and Valkey, each stopped and started by its name."""

    def __init__(self, *, site: LiveSite, family: Family) -> None:
        self.family = family
        application = Application(
            places=site._application.places, env={**site.env, **BEHIND_PROXY, "DATABASE_POOL_SIZE": "4"}
        )
        self.ports = {"web 1": any_free_port(), "web 2": any_free_port()}
        # One process each: there are two of them, and what a start costs is most of the time that this test takes.
        self.programs = {name: self._named(_single(application.web(port)), name) for name, port in self.ports.items()}
        for number in (1, 2, 3):
            worker = application.worker()
            # Two of the three bring a clock along.
            words = [word for word in worker.command if number < 3 or word != "--beat"]
            named = replace(worker, command=[*words, f"--hostname=worker{number}@%h"])
            self.programs[f"worker {number}"] = self._named(named, f"worker {number}")
        self.running: dict[str, Child] = {}
        for name in self.programs:
            self.start(name)

    def start(self, name: str) -> None:
        self.running[name] = self.family.adopt(start(self.programs[name]))

    def stop(self, name: str, how: signal.Signals) -> None:
        child = self.running.pop(name)
        if how is ASK_TO_STOP:
            child.process.send_signal(how)
            child.process.wait(STOPS_WITHIN_S)
        child.kill()  # with all that belongs to it
        self.family.disown(child)

    def _named(self, program: Program, name: str) -> Program:
        log = program.log.with_name(f"{name.replace(' ', '-')}.log")
        return replace(program, name=name, log=log)


def _single(web: Program) -> Program:
    return replace(web, command=[*web.command[:-1], "--workers=1", web.command[-1]])


@pytest.fixture
def site() -> Iterator[LiveSite]:
    with live_site_over(template=demo_template()) as site:
        site.kill_worker()  # this test has workers of its own
        yield site


@pytest.fixture
def processes(site: LiveSite) -> Iterator[Processes]:
    with Family() as family:
        yield Processes(site=site, family=family)
        family.kill()


def test_any_process_may_stop_or_be_killed_and_nobody_loses_anything(site: LiveSite, processes: Processes) -> None:
    stack: Any = SimpleNamespace(postgres=SimpleNamespace(url=site.env["DATABASE_URL"]), site=site)
    with balancing(list(processes.ports.values())) as balancer:
        eventually(lambda: all(balancer.ready.values()))
        watch, crowd = Watch(stack), InsistentCrowd(site, balancer)
        for _ in range(10):
            crowd.one_signs()
        eventually(lambda: set(mailed_links(site)) >= set(crowd.signed))

        with crowd.at_work(signers=2, readers=1):
            stop_and_start(processes, balancer, crowd, {"web 1": ASK_TO_STOP, "worker 1": KILL})
            stop_and_start(processes, balancer, crowd, {"web 2": KILL, "worker 2": ASK_TO_STOP})
            stop_and_start(processes, balancer, crowd, {"web 1": KILL, "worker 3": ASK_TO_STOP})
            stop_and_start(processes, balancer, crowd, {"web 2": ASK_TO_STOP, "worker 3": KILL})
            stop_and_start(processes, balancer, crowd, {"worker 1": ASK_TO_STOP, "worker 2": KILL})

        assert crowd.longest_wait_s() < LONGEST_ERROR_S
        assert crowd.statuses() <= {200, 303, 502, 503}
        watch.expect_nothing_lost(crowd)


def stop_and_start(processes: Processes, balancer: Balancer, crowd: Crowd, these: Mapping[str, signal.Signals]) -> None:
    """This function will stop one process after the other under load, and go on when all are back."""
    for name, how in these.items():
        processes.stop(name, how)
    await_more(crowd, 3)
    for name in these:
        processes.start(name)
    eventually(lambda: all(balancer.ready.values()))
