"""Accepting a signature: the whole POST, answered once its rows and the mail that it owes are durable."""

from bench import filling
from bench.bench import Bench
from bench.figures import interleaved
from bench.goals import quarter_of
from bench.insisting import insist, insist_on_rows
from bench.pace import CLIENTS
from bench.pgbench import Script, run_pgbench, script_of
from bench.requests import statements_of_signing
from bench.row import Result, Row
from bench.wrk import run_wrk

_KEY = r"\set k random(1, 9000000000000000000)"
_ATTEMPTS = "petitions_pendingsignature"
_OWED = "outbox_outgoingmessage"


def measure(bench: Bench) -> list[Result]:
    script = _script(bench)
    meter = bench.meter()
    load_signing(bench, seconds=1)

    def work() -> float:
        with meter.running():
            return load_signing(bench, seconds=bench.pace.seconds)

    compared = interleaved(work=work, limit=lambda: _limit(bench, script), rounds=bench.pace.rounds)
    bench.known_rates["POST of the form"] = compared.work.median
    reach, aim = quarter_of(compared.ratio)
    return [
        Result(
            work="accept a signature",
            unit="signatures/s",
            measured=compared.work,
            limit=compared.limit,
            ratio=compared.ratio,
            reach=reach,
            aim=aim,
            details=(f"{script.statement_count} statements in pgbench's script, BEGIN and COMMIT among them",),
            cpu=meter.cores(),
        )
    ]


def load_signing(bench: Bench, *, seconds: float) -> float:
    """This function will sign for some seconds, insist that every answer left its rows, and return how many a second."""
    before, held = filling.count_of(_ATTEMPTS), filling.count_of(_ATTEMPTS, "held_reason <> ''")
    owed = filling.count_of(_OWED)
    words = (bench.next_prefix(), bench.site.carried_fields())
    load = run_wrk(
        port=bench.site.port,
        path=filling.SIGN_PATH,
        seconds=seconds,
        connections=CLIENTS,
        script="sign.lua",
        words=words,
    )
    for table, rows_before in ((_ATTEMPTS, before), (_OWED, owed)):
        written = filling.count_of(table) - rows_before
        insist_on_rows(written=written, answered=load.requests, what=f"signings ({table})")
    insist(filling.count_of(_ATTEMPTS, "held_reason <> ''") == held, "the defence held the load")
    return load.per_s


def _limit(bench: Bench, script: Script) -> float:
    before = filling.count_of(_ATTEMPTS)
    ran = run_pgbench(script=script, seconds=bench.pace.seconds, clients=CLIENTS, folder=bench.folder)
    insist_on_rows(written=filling.count_of(_ATTEMPTS) - before, answered=ran.done, what="transactions of pgbench")
    return ran.per_s


def _script(bench: Bench) -> Script:
    first, second = statements_of_signing(prefix=bench.next_prefix(), carried=bench.site.carried_fields())
    return script_of(first=first, second=second, key=_KEY)


ROW = Row(
    name="accept",
    title="Accept a signature: full HTTP POST to durable rows and the owed mail",
    limit=(
        "pgbench with the statements of one such request, taken down from a real one in this run, BEGIN and COMMIT "
        f"included, each transaction for another person, prepared, {CLIENTS} clients as the load has, on the same durable "
        "server; what the request asks of nobody but Python and Valkey is not in it; the worker rests"
    ),
    measure=measure,
)
