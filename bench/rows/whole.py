"""The whole way: signing, the mail, the page behind its link and the proof, the count; everything on the same cores."""

import math
import time

from django.utils import timezone

from bench import filling
from bench.bench import Bench
from bench.figures import Spread, number
from bench.row import Goal, Result, Row
from bench.rows import accept, prove
from bench.way import KINDS, Stretch, is_anything_owed, walk
from keep4o_site.stack.trouble import Trouble
from petitions.actions.tally import fold_tally

_REACH_PER_S, _AIM_PER_S = 200, 400
_MOST_MS, _MOST_LAG_S = 100, 2.0
_MAILS_EACH = 2  # the link, and that the signature counts
_KEPT_UP = 0.97
_UP, _DOWN, _CLOSE = 1.15, 0.85, 1.05
_HOLD_DOWN, _HOLD_SURELY = 0.92, 1.01
_MOST_STEPS, _MOST_HOLDS = 7, 3
_PATIENCE_S = 300


def measure(bench: Bench) -> list[Result]:
    stages = _stages_alone(bench)
    slowest = min(stages, key=lambda name: stages[name])
    bench.site.start_worker()
    _settle(bench)
    numbers = _Numbers()
    held, cpu = _hold(bench, _highest_rate(bench, stages, numbers), numbers)
    bench.site.stop_worker()
    return [_result(held, stages=stages, slowest=slowest, cpu=cpu, hold_s=bench.pace.hold_s)]


class _Numbers:
    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        self._last += 1
        return self._last


# --- the stages alone -------------------------------------------------------------------------------------------------
def _stages_alone(bench: Bench) -> dict[str, float]:
    """This function will return how many signatures a second each stage does while all others rest."""
    known = bench.known_rates
    if "POST of the form" not in known:
        known["POST of the form"] = accept.load_signing(bench, seconds=bench.pace.seconds)
    if "POST of the link" not in known:
        known["POST of the link"] = prove.load_proving(bench, seconds=bench.pace.seconds)
    known["GET of the link"] = prove.load_proving(bench, seconds=bench.pace.seconds, method="GET")
    known["mail"] = _mails_per_s(bench) / _MAILS_EACH
    return dict(known)


def _mails_per_s(bench: Bench) -> float:
    """This function will let the worker hand over a backlog of real proof mails, and return how many a second it took."""
    filling.forget_owed_mails()
    while fold_tally(petition_id=bench.petition.pk, now=timezone.now()):
        pass  # what other rows owed to the count would keep the worker from its mails
    accept.load_signing(bench, seconds=bench.pace.seconds)
    log = bench.site.places.var / "mails.log"
    bench.site.start_sink()
    bench.site.start_worker()
    _settle(bench)
    bench.site.stop_worker()
    bench.site.stop_sink()
    handed_over = [float(line.split()[0]) for line in log.read_text().splitlines()]
    return (len(handed_over) - 1) / (handed_over[-1] - handed_over[0])


def _settle(bench: Bench) -> None:
    """This function will forget who has not proved, and wait until nothing is owed: no mail, no entry of the count."""
    filling.forget_attempts()
    deadline = time.monotonic() + _PATIENCE_S
    while is_anything_owed():
        if time.monotonic() > deadline:
            raise Trouble("The worker does not come to an end with what is owed.")
        if bench.site.sink_pid is None:
            filling.forget_owed_mails()  # nobody takes them, and nobody will wait for them
        time.sleep(0.1)


# --- the highest rate -------------------------------------------------------------------------------------------------
def _highest_rate(bench: Bench, stages: dict[str, float], numbers: _Numbers) -> float:
    """
    This function will look for the highest rate that a short stretch sustains, to some percent.

    In steps of 15 % until one holds and one does not, then between the two.
    """
    # All stages share the cores: if they only took turns, this is what would be left of each.
    rate = max(10.0, 1 / sum(1 / alone for alone in stages.values()))
    highest, lowest_missed = 0.0, math.inf
    for _ in range(1 if bench.pace.is_quick else _MOST_STEPS):
        _settle(bench)
        stretch = walk(bench, rate=rate, seconds=bench.pace.step_s, number=numbers.next())
        bench.say(_sentence(stretch))
        if _is_sustained(stretch):
            highest = rate
        else:
            lowest_missed = rate
        if lowest_missed < highest * _CLOSE:
            break
        rate = _next_rate(highest, lowest_missed)
    return highest or rate


def _next_rate(highest: float, lowest_missed: float) -> float:
    if not highest:
        return lowest_missed * _DOWN
    return highest * _UP if lowest_missed == math.inf else math.sqrt(highest * lowest_missed)


# --- a minute ---------------------------------------------------------------------------------------------------------
def _hold(bench: Bench, highest: float, numbers: _Numbers) -> tuple[Stretch, dict[str, float]]:
    """
    This function will hold a rate for a minute, and return the highest that was held, else the last, with the cores used.

    First the rate that is to be reached, if short stretches sustain as much; then between what was held and what was not.
    """
    rate, held, lowest_missed = min(highest, _REACH_PER_S * _HOLD_SURELY), 0.0, highest
    for _ in range(1 if bench.pace.is_quick else _MOST_HOLDS):
        tried = _hold_once(bench, rate, numbers)
        if _is_sustained(tried[0]):
            best, held = tried, rate
        else:
            lowest_missed = rate
        if not held:
            best = tried
        if lowest_missed < held * _CLOSE:
            break
        rate = math.sqrt(held * lowest_missed) if held else rate * _HOLD_DOWN
    return best


def _hold_once(bench: Bench, rate: float, numbers: _Numbers) -> tuple[Stretch, dict[str, float]]:
    _settle(bench)
    meter = bench.meter()
    with meter.running():
        held = walk(bench, rate=rate, seconds=bench.pace.hold_s, number=numbers.next())
    bench.say(_sentence(held))
    return held, meter.cores()


def _is_sustained(stretch: Stretch) -> bool:
    return stretch.is_finished_in_time and all(goal.is_met for goal in _promises(stretch))


def _promises(stretch: Stretch) -> tuple[Goal, ...]:
    slow = max(stretch.percentile_ms(kind, 99) for kind in KINDS)
    return (
        Goal(words=f"p99 of each answer < {_MOST_MS} ms", is_met=slow < _MOST_MS),
        Goal(words="nothing lost", is_met=stretch.lost == 0 and stretch.wrong == 0),
        Goal(words=f"count ≤ {_MOST_LAG_S:g} s behind", is_met=stretch.lag_s <= _MOST_LAG_S),
        Goal(words="mail queue not growing", is_met=not stretch.queue_grows),
    )


def _sentence(stretch: Stretch) -> str:
    verdict = "sustained" if _is_sustained(stretch) else "not sustained"
    return f"{stretch.rate:.0f}/s for {stretch.seconds:g} s: {verdict}; {'; '.join(_facts(stretch))}"


# --- the row ----------------------------------------------------------------------------------------------------------
def _facts(stretch: Stretch) -> tuple[str, ...]:
    answers = ", ".join(
        f"{words} p50 {stretch.percentile_ms(kind, 50):.0f} p99 {stretch.percentile_ms(kind, 99):.0f} ms"
        for kind, words in KINDS.items()
    )
    middle, last = stretch.queue_between(1 / 3, 2 / 3), stretch.queue_between(2 / 3, 1)
    signed, proved, counted = len(stretch.of("sign")), len(stretch.of("prove")), stretch.published - stretch.base
    fates = f"{signed} signed, {proved} proved, {stretch.proved_rows} signatures, {counted} counted"
    return (
        f"{stretch.achieved_per_s:.1f} proofs/s",
        answers,
        f"count at most {stretch.lag_s:.2f} s behind",
        f"mails waiting {middle:.0f} in the second third, {last:.0f} in the last",
        f"{fates}, {stretch.lost} late or lost, {stretch.wrong} wrong answers",
    )


def _result(held: Stretch, *, stages: dict[str, float], slowest: str, cpu: dict[str, float], hold_s: float) -> Result:
    rate, limit = held.achieved_per_s, stages[slowest]
    alone = ", ".join(f"{name} {number(per_s)}" for name, per_s in stages.items())
    return Result(
        work=f"the whole way, {hold_s:g} s",
        unit="signatures/s",
        measured=Spread(rate, rate, rate),
        limit=Spread(limit, limit, limit),
        ratio=rate / limit,
        reach=(
            Goal(words=f"≥ {_REACH_PER_S} signatures/s", is_met=rate >= _REACH_PER_S * _KEPT_UP),
            *_promises(held),
        ),
        aim=(Goal(words=f"≥ {_AIM_PER_S} signatures/s", is_met=rate >= _AIM_PER_S * _KEPT_UP),),
        details=(f"offered {held.rate:.0f}/s", *_facts(held), f"stages alone, signatures/s: {alone}"),
        cpu=cpu,
    )


ROW = Row(
    name="whole",
    title="The whole way: POST, mail rendered and handed over, GET and POST of the link, fold",
    limit=(
        "the slowest of its stages alone, while all others rest: POST of the form, mail (two to each signature, rendered "
        "and handed to the same sink from a backlog), GET of the link, POST of the link, fold. Signatures arrive evenly, and "
        "each person opens the link up to 2 s after its mail; answers are timed from the instant at which each request was meant "
        "to be sent; the highest rate of a short stretch is found in steps of 15 %, then the rate to reach is held for a minute, "
        "and more if it holds. The load, the sink and the reader of the count share the cores"
    ),
    measure=measure,
)
