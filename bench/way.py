"""One stretch of the whole way at one rate: signing, mail, link and count, and what became of every signature."""

import json
import math
import os
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench import filling
from bench.bench import Bench
from bench.figures import percentile
from bench.site import get
from bench.wrk import wrk_command

# Who proves opens a link and then presses: when all of them are at it, links wait for the load and not for the site.
SIGNERS, PROVERS = 32, 96
_MOST_DELAY_S = 2.0  # mails leave once a second, all at a time; people do not read them so
KINDS = {"sign": "POST of the form", "look": "GET of the link", "prove": "POST of the link"}
_EXPECTED = {"sign": 303, "look": 200, "prove": 303}
_START_S = 1.0  # for wrk to connect
_DRAIN_S = 15.0
_SAMPLE_S = 0.1
_UNDER_WAY_S = 5.0  # a second until the clock sends, two until the link is opened, and some for the work
_DUE = "SELECT count(*) FROM outbox_outgoingmessage WHERE state = 'due'"


@dataclass(frozen=True)
class Answered:
    """One request of the load: when it was meant to be sent, when it was answered, and how."""

    kind: str
    intended: float
    done: float
    status: int
    link: str

    @property
    def took_ms(self) -> float:
        return (self.done - self.intended) * 1000


@dataclass
class Watch:
    """What was published and what waited, every tenth of a second."""

    counts: list[tuple[float, int]] = field(default_factory=list)
    queue: list[tuple[float, int]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What is known of one stretch after its end."""

    rate: float
    began: float
    seconds: float
    answers: list[Answered]
    watch: Watch
    base: int
    proved_rows: int  # signatures that the database has more than before
    unknown_links: int  # proofs that were acknowledged and are no signature
    published: int  # the count at the end

    def of(self, kind: str) -> list[Answered]:
        """This function will return the right answers of one kind."""
        return [answer for answer in self.answers if answer.kind == kind and answer.status == _EXPECTED[kind]]

    @property
    def wrong(self) -> int:
        return sum(1 for answer in self.answers if answer.kind in KINDS and answer.status != _EXPECTED[answer.kind])

    @property
    def achieved_per_s(self) -> float:
        """Proofs acknowledged while signatures arrived, the beginning left out in which the first mails are under way."""
        since, until = self.began + min(_UNDER_WAY_S, self.seconds / 2), self.began + self.seconds
        return sum(1 for proof in self.of("prove") if since <= proof.done <= until) / (until - since)

    @property
    def is_finished_in_time(self) -> bool:
        """Whether the last signature was proved as soon after its arrival as the first: nothing had piled up anywhere."""
        last = max((proof.done for proof in self.of("prove")), default=math.inf)
        return last <= self.began + self.seconds + _UNDER_WAY_S

    def percentile_ms(self, kind: str, percent: float) -> float:
        return percentile([answer.took_ms for answer in self.of(kind)], percent)

    @property
    def lag_s(self) -> float:
        """The age of the oldest acknowledged proof that a reader of the count did not see yet, at its worst."""
        proofs = sorted(proof.done for proof in self.of("prove"))
        return max((_lag(proofs, seen - self.base, at) for at, seen in self.watch.counts), default=0.0)

    @property
    def lost(self) -> int:
        """Acknowledged signings that led to no proof, and acknowledged proofs that are not counted exactly once."""
        signed, proved = len(self.of("sign")), len(self.of("prove"))
        uncounted = abs(self.published - self.base - self.proved_rows)
        return abs(signed - proved) + self.unknown_links + abs(self.proved_rows - proved) + uncounted

    def queue_between(self, first: float, last: float) -> float:
        """The mean number of owed mails between two shares of the stretch."""
        since, until = self.began + self.seconds * first, self.began + self.seconds * last
        waiting = [mails for at, mails in self.watch.queue if since <= at <= until]
        return sum(waiting) / len(waiting) if waiting else 0.0

    @property
    def queue_grows(self) -> bool:
        """Whether in the last third more mails waited than in the second one, by more than half a second of them."""
        return self.queue_between(2 / 3, 1) > self.queue_between(1 / 3, 2 / 3) + self.rate


def walk(bench: Bench, *, rate: float, seconds: float, number: int) -> Stretch:
    """This function will let signatures arrive evenly for some seconds and follow every one of them to the count."""
    folder = _make_folder(bench, number)
    bench.site.start_sink(folder / "links", most_delay_s=_MOST_DELAY_S)
    base, rows = _published(bench), filling.count_of("petitions_signature")
    began = time.monotonic() + _START_S
    watch, is_over = Watch(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(bench.site.port, watch, is_over))
    load = subprocess.Popen(_command(bench, folder, rate=rate, began=began, seconds=seconds), stdout=subprocess.DEVNULL)
    watcher.start()
    try:
        time.sleep(began + seconds - time.monotonic())
        _wait_until_quiet()
    finally:
        _stop(load, bench)
        is_over.set()
        watcher.join()
    answers = _answers_in(folder)
    return Stretch(
        rate=rate,
        began=began,
        seconds=seconds,
        answers=answers,
        watch=watch,
        base=base,
        proved_rows=filling.count_of("petitions_signature") - rows,
        unknown_links=_unknown(answers),
        published=_published(bench),
    )


def is_anything_owed() -> bool:
    """This function will tell whether a mail is to be handed over, or an entry to be folded."""
    return bool(filling.count_of("outbox_outgoingmessage", "state = 'due'") or filling.count_of("petitions_tallyentry"))


def _make_folder(bench: Bench, number: int) -> Path:
    folder = bench.folder / f"way{number}"
    folder.mkdir()
    os.mkfifo(folder / "links", 0o600)
    return folder


def _command(bench: Bench, folder: Path, *, rate: float, began: float, seconds: float) -> list[str]:
    words = (
        str(SIGNERS),
        str(folder),
        bench.next_prefix(),
        bench.site.carried_fields(),
        f"{SIGNERS / rate:.6f}",
        f"{began:.6f}",
        f"{began + seconds:.6f}",
    )
    return wrk_command(
        port=bench.site.port,
        path=filling.SIGN_PATH,
        script="way.lua",
        seconds=_START_S + seconds + _DRAIN_S + 5,
        # One for each thread: the rest is lost in the division, but wrk measures its table of open files by it.
        connections=2 * (SIGNERS + PROVERS) - 1,
        threads=SIGNERS + PROVERS,
        words=words,
    )


def _wait_until_quiet() -> None:
    """This function will wait until nobody who signed has yet to prove it, and nothing has been owed for a moment."""
    deadline, quiet = time.monotonic() + _DRAIN_S, 0
    while quiet < 5 and time.monotonic() < deadline:
        quiet = 0 if filling.count_of("petitions_pendingsignature") or is_anything_owed() else quiet + 1
        time.sleep(0.25)


def _stop(load: subprocess.Popen[bytes], bench: Bench) -> None:
    load.send_signal(signal.SIGINT)  # wrk ends as if its time were over; its waiting threads see the pipes end
    bench.site.stop_sink()
    try:
        load.wait(timeout=20)
    finally:
        load.kill()
        load.wait()


def _watch(port: int, watch: Watch, is_over: threading.Event) -> None:
    path = filling.COUNT_PATH
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        while not is_over.wait(_SAMPLE_S):
            count = json.loads(get(port=port, path=path).body)["count"]
            watch.counts.append((time.monotonic(), count))
            row = database.execute(_DUE).fetchone()
            watch.queue.append((time.monotonic(), row[0] if row else 0))


def _published(bench: Bench) -> int:
    """This function will read the count as a reader does, after what any cache may keep of it."""
    time.sleep(2.5)
    return int(json.loads(bench.site.get(filling.COUNT_PATH).body)["count"])


def _answers_in(folder: Path) -> list[Answered]:
    lines = [line.split() for log in folder.glob("log*") for line in log.read_text().splitlines()]
    return [
        Answered(kind=kind, intended=float(intended), done=float(done), status=int(status), link=link)
        for kind, intended, _sent, done, status, link in lines
    ]


def _unknown(answers: Sequence[Answered]) -> int:
    """This function will count the acknowledged proofs whose person has no signature, or more than one."""
    prefixes: dict[bytes, int] = defaultdict(int)
    for digest in filling.newest_digests(count=2 * len(answers)):
        prefixes[digest[: filling.PREFIX_BYTES]] += 1
    proved = [answer for answer in answers if answer.kind == "prove" and answer.status == _EXPECTED["prove"]]
    return sum(1 for answer in proved if prefixes[filling.prefix_in(answer.link)] != 1)


def _lag(proofs: Sequence[float], seen: int, at: float) -> float:
    return max(0.0, at - proofs[seen]) if 0 <= seen < len(proofs) and proofs[seen] < at else 0.0
