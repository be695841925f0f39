"""Folding a backlog of owed entries into the count, through the action that the worker calls."""

import time

from django.utils import timezone

from bench import filling, psql
from bench.bench import Bench
from bench.figures import Spread, interleaved, number
from bench.goals import at_least
from bench.insisting import insist
from bench.row import Goal, Result, Row
from petitions.actions.tally import FOLD_BATCH, fold_tally
from petitions.models import Petition, Tally

_LEAST_PER_S = 50_000
_SHARE = 0.5
_BARE = """
WITH owed AS (
    DELETE FROM petitions_tallyentry WHERE petition_id = {petition} RETURNING delta, bucket_at, country, channel
), total AS (
    INSERT INTO petitions_tally AS known (petition_id, total, as_of)
    SELECT {petition}, sum(delta), now() FROM owed
    ON CONFLICT (petition_id) DO UPDATE SET total = known.total + excluded.total, as_of = excluded.as_of
)
INSERT INTO petitions_tallybucket AS known (petition_id, starts_at, country, channel, n)
SELECT {petition}, bucket_at, country, channel, sum(delta) FROM owed GROUP BY 2, 3, 4
ON CONFLICT ON CONSTRAINT tally_bucket_unique DO UPDATE SET n = known.n + excluded.n
"""


def measure(bench: Bench) -> list[Result]:
    petition = filling.make_petition(slug="folded")
    meter, slowest = bench.meter(), list[float]()

    def work() -> float:
        filling.fill_entries(petition=petition, count=bench.pace.entries)
        with meter.running():
            began = time.perf_counter()
            slowest.append(_fold_all(petition))
            took = time.perf_counter() - began
        _insist_all_counted(petition, bench.pace.entries)
        return bench.pace.entries / took

    def limit() -> float:
        filling.fill_entries(petition=petition, count=bench.pace.entries)
        took = psql.seconds_of(_BARE.format(petition=petition.pk))
        _insist_all_counted(petition, bench.pace.entries)
        return bench.pace.entries / took

    compared = interleaved(work=work, limit=limit, rounds=bench.pace.rounds)
    bench.known_rates["fold"] = compared.work.median
    return [
        Result(
            work="fold",
            unit="entries/s",
            measured=compared.work,
            limit=compared.limit,
            ratio=compared.ratio,
            reach=(*at_least(compared.ratio, _SHARE), _fast_enough(compared.work)),
            details=(
                f"{bench.pace.entries:,} entries in batches of {FOLD_BATCH:,}",
                f"the slowest batch took {number(max(slowest) * 1000)} ms",
            ),
            cpu=meter.cores(),
        )
    ]


def _fold_all(petition: Petition) -> float:
    """This function will fold until less than a batch was left, and return what the slowest batch took, in seconds."""
    slowest, folded = 0.0, FOLD_BATCH
    while folded >= FOLD_BATCH:
        began = time.perf_counter()
        folded = fold_tally(petition_id=petition.pk, now=timezone.now())
        slowest = max(slowest, time.perf_counter() - began)
    return slowest


def _insist_all_counted(petition: Petition, entries: int) -> None:
    total = Tally.objects.get(petition=petition).total
    left = filling.count_of("petitions_tallyentry", f"petition_id = {petition.pk}")
    insist(left == 0 and total % entries == 0, f"{left} entries are left, {total} counted")


def _fast_enough(rate: Spread) -> Goal:
    return Goal(words=f"≥ {_LEAST_PER_S:,} entries/s", is_met=rate.median >= _LEAST_PER_S)


ROW = Row(
    name="fold",
    title="Fold a backlog into the count, through the action",
    limit=(
        "one bare statement in psql for all entries at once: DELETE … RETURNING, upsert of the total, upsert of the buckets; "
        "without batches, lock, milestones or reasons, on the same tables with the same constraints and triggers"
    ),
    measure=measure,
)
