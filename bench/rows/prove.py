"""Proving a signature: the POST of the page behind the mailed link."""

from bench import filling
from bench.bench import Bench
from bench.cpu import CpuMeter
from bench.figures import interleaved
from bench.goals import quarter_of
from bench.insisting import insist_on_rows
from bench.pace import CLIENTS
from bench.pgbench import Script, run_pgbench, script_of
from bench.production import MAIL_DOMAINS
from bench.requests import sign, statements_of_proving
from bench.row import Result, Row
from bench.wrk import run_wrk
from petitions.models import PendingSignature

# More than either can do in a second; each attempt is proved once.
_MOST_LINKS_PER_S, _MOST_TRANSACTIONS_PER_S = 2_500, 10_000
_SIGNATURES = "petitions_signature"
_FORM = "name=Ada+Lovelace&country=FR"  # what the page's form holds
_KEY = r"""\set n :n + 1
\set k :before + :n * :clients + :client_id"""


def measure(bench: Bench) -> list[Result]:
    script = _script(bench)
    meter = bench.meter()
    load_proving(bench, seconds=1)

    def work() -> float:
        return load_proving(bench, seconds=bench.pace.seconds, meter=meter)

    compared = interleaved(work=work, limit=lambda: _limit(bench, script), rounds=bench.pace.rounds)
    bench.known_rates["POST of the link"] = compared.work.median
    reach, aim = quarter_of(compared.ratio)
    return [
        Result(
            work="prove a signature",
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


def load_proving(bench: Bench, *, seconds: float, meter: CpuMeter | None = None, method: str = "POST") -> float:
    """This function will open fresh links for some seconds and return how many a second were answered."""
    links = fresh_links(bench, count=round(_MOST_LINKS_PER_S * max(1, seconds)))
    file = bench.folder / "links.txt"
    file.write_text("".join(f"{link}\n" for link in links))
    before = filling.count_of(_SIGNATURES)
    with (meter or bench.meter()).running():
        load = run_wrk(
            port=bench.site.port,
            path="/",
            seconds=seconds,
            connections=CLIENTS,
            script="links.lua",
            words=(str(file), method, _FORM),
        )
    proved = filling.count_of(_SIGNATURES) - before
    insist_on_rows(written=proved, answered=load.requests if method == "POST" else 0, what="proofs")
    return load.per_s


def fresh_links(bench: Bench, *, count: int) -> list[str]:
    """This function will prepare links that nobody has opened; the first one that ever asks signs through the site."""
    if not PendingSignature.objects.filter(petition=bench.petition).exists():
        sign(address=f"{bench.next_prefix()}@{MAIL_DOMAINS[0]}", carried=bench.site.carried_fields())
    return filling.prepare_links(petition=bench.petition, count=count, prefix=bench.next_prefix())


def _limit(bench: Bench, script: Script) -> float:
    most = round(_MOST_TRANSACTIONS_PER_S * max(1, bench.pace.seconds))
    number = filling.fill_attempts(petition=bench.petition, count=most)
    before = filling.count_of(_SIGNATURES)
    ran = run_pgbench(
        script=script.defining(before=str(number), n="0"),
        seconds=bench.pace.seconds,
        clients=CLIENTS,
        folder=bench.folder,
    )
    proved = filling.count_of(_SIGNATURES) - before
    insist_on_rows(written=proved, answered=ran.done, what="transactions of pgbench")
    return ran.per_s


def _script(bench: Bench) -> Script:
    links = fresh_links(bench, count=4)
    attempt_id = filling.opened(links[-2]).attempt_id
    digest = bytes(PendingSignature.objects.get(pk=attempt_id).identity_digest)
    first, second = statements_of_proving(links)
    known = {attempt_id: "(:k::bigint)", digest: "sha256(int8send(:k::bigint))"}
    return script_of(first=first, second=second, key=_KEY, known=known)


ROW = Row(
    name="prove",
    title="Prove a signature: POST of the link to the durable signature, its entry in the count and its mail",
    limit=(
        "pgbench with the statements of one such request, as for accepting; each transaction proves another attempt, "
        f"prepared, {CLIENTS} clients; the worker rests"
    ),
    measure=measure,
)
