"""
The promise of the count under everything at once: random acts in real parallel connections, some of them killed.

In every snapshot, and so also while it all goes on: published + owed = counted, for each petition, quarter hour, country
and channel, and whatever else adds up to the count does. An act whose connection is killed is done wholly or not at all.
`TALLY_EXAMPLES=500` tries for longer, and then differently each time.
"""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import InterfaceError, OperationalError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from outbox.models import OutgoingMessage
from petitions.actions import cases, held, leaving
from petitions.actions.correcting import SignatureChanged, SignatureNameless, correct_signature
from petitions.actions.reconciling import check_tally
from petitions.actions.signing import ProofLinkExpired
from petitions.actions.tally import fold_tally, recount
from petitions.models import (
    CaseState,
    HeldReason,
    IntegrityCase,
    PendingSignature,
    Petition,
    RemovalReason,
    Signature,
    TallyRepair,
)
from petitions.queries.links import my_signature_token, proof_token
from petitions.queries.mail_keys import confirmation_key
from petitions.queries.my_signature import state_digest
from petitions.queries.reconciliation import TallyState, Window, tally_state, wrong_cells
from petitions.queries.signed_details import typed_of
from petitions.rules.cases import Conditions
from petitions.rules.defence import Judgement
from tests.factories import NOW, make_membership, make_petition
from tests.petitions.counting import load_signatures, rows_of_count
from tests.petitions.signing_steps import prove_by, sign

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = int(os.environ.get("TALLY_EXAMPLES", "8"))
PEOPLE = 6
COUNTRIES = ("FR", "DE", "US")
MOST_AT_ONCE = 14
# What two people at once, or one link used twice, are told: no error of ours.
REFUSALS = (
    ProofLinkExpired,
    leaving.SignatureGone,
    SignatureChanged,
    SignatureNameless,
    cases.CaseError,
)
KILLED = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

_OFTEN = ["sign", "prove", "prove", "fold", "fold", "advance"]
_ALL = ["sign", "sign_held", "prove", "withdraw", "erase", "correct", "release", "preview", "run", "advance", "undo"]
verbs = st.sampled_from([*_OFTEN, *_ALL, "folds", "folds", "check", "recount"])
# (verb, whom or which, before or after which of its statements it is killed; 0: not at all)
acts = st.tuples(verbs, st.integers(0, 17), st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6, 8, 10]))
rounds = st.lists(acts, min_size=2, max_size=8)
lives = st.lists(rounds, min_size=6, max_size=14)


class World:
    """Two petitions, some people, and threads that act on them; each thread has a connection of its own."""

    def __init__(self) -> None:
        self.petitions: list[Petition] = [make_petition(ladder=[2, 3, 5, 8]) for _ in range(2)]
        self.actors = {p.pk: make_membership(team=p.team).user for p in self.petitions}
        self.now = NOW

    def act(self, verb: str, number: int, kill_after: int) -> None:
        petition = self.petitions[number % 2]
        with killing(kill_after), suppress(*REFUSALS):
            getattr(self, f"_{verb}")(petition, number // 2)

    def _sign(self, petition: Petition, number: int, **more: Any) -> None:
        country = COUNTRIES[number % 3]
        sign(petition, now=self.now, email=f"person{number % PEOPLE}@example.org", country=country, **more)

    def _sign_held(self, petition: Petition, number: int) -> None:
        self._sign(petition, number, judgement=Judgement(held_reason=HeldReason.FORM_AGE))

    def _prove(self, petition: Petition, number: int) -> None:
        if attempt := picked(PendingSignature.objects.filter(petition=petition), number):
            prove_by(token=proof_token(attempt=attempt, now=self.now), now=self.now)

    def _withdraw(self, petition: Petition, number: int) -> None:
        if token := self._link(petition, number):
            leaving.withdraw_signature(token=token, now=self.now)

    def _erase(self, petition: Petition, number: int) -> None:
        if token := self._link(petition, number):
            leaving.erase_signature(token=token, now=self.now)

    def _correct(self, petition: Petition, number: int) -> None:
        named = Signature.objects.filter(petition=petition, erased_at__isnull=True).select_related("petition")
        if signature := picked(named, number):
            before = typed_of(signature)
            typed = type(before)(**{**vars(before), "country": COUNTRIES[number % 3]})
            token = my_signature_token(signature_id=signature.pk, now=self.now)
            correct_signature(token=token, typed=typed, seen=state_digest(typed=before), now=self.now)

    def _release(self, petition: Petition, number: int) -> None:
        waiting = Signature.objects.filter(petition=petition, held_at__isnull=False)
        ids = list(waiting.values_list("id", flat=True)[: 1 + number])
        actor = self.actors[petition.pk]
        held.release_held(petition=petition, signature_ids=ids, attempt_ids=[], actor=actor, now=self.now)

    def _preview(self, petition: Petition, number: int) -> None:
        conditions = Conditions(held="any") if number == 8 else Conditions(country=COUNTRIES[number % 3])
        act = {"actor": self.actors[petition.pk], "now": self.now}
        case = cases.preview_case(
            petition=petition, conditions=conditions, reason=RemovalReason.OTHER, note="Seen.", **act
        )
        if number % 2:
            cases.run_case(petition=petition, case_id=case.pk, **act)

    def _run(self, petition: Petition, number: int) -> None:
        if case := self._case(petition, number, CaseState.PREVIEWED):
            cases.run_case(petition=petition, case_id=case.pk, actor=case.created_by, now=self.now)

    def _undo(self, petition: Petition, number: int) -> None:
        if case := self._case(petition, number, CaseState.DONE):
            act = {"actor": case.created_by, "now": self.now}
            cases.undo_case(petition=petition, case_id=case.pk, reason="Wrong.", **act)

    def _advance(self, petition: Petition, number: int) -> None:
        if case := self._case(petition, number, CaseState.RUNNING, CaseState.UNDOING):
            cases.advance_case(case_id=case.pk, now=self.now, batch=1 + number)
        cases.release_what_undone_cases_held(now=self.now)

    def _fold(self, petition: Petition, number: int) -> None:
        fold_tally(petition_id=petition.pk, now=self.now, batch=(1, 2, 5, 20_000)[number % 4])

    def _check(self, petition: Petition, number: int) -> None:
        assert check_tally(petition_id=petition.pk, now=self.now, window=1 + number) is None

    def _recount(self, petition: Petition, _number: int) -> None:
        recount(petition_id=petition.pk, now=self.now)

    def _case(self, petition: Petition, number: int, *states: CaseState) -> IntegrityCase | None:
        found = IntegrityCase.objects.filter(petition=petition, state__in=states).select_related("created_by")
        return picked(found, number)

    def _link(self, petition: Petition, number: int) -> str | None:
        signature = picked(Signature.objects.filter(petition=petition), number)
        return my_signature_token(signature_id=signature.pk, now=self.now) if signature else None


def picked(rows: Any, number: int) -> Any:
    found = list(rows.order_by("id"))
    return found[number % len(found)] if found else None


@contextmanager
def killing(statement: int) -> Iterator[None]:
    """The connection of this thread is killed in the middle of an act: before or after its nth statement, or during it."""
    asked = 0

    def kill_at(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked != statement:
            return execute(sql, params, many, context)
        if statement % 2:
            terminate(pid_of_this_thread())  # before: the statement finds no connection
        else:
            Thread(target=terminate, args=[pid_of_this_thread()]).start()  # during or after
        return execute(sql, params, many, context)

    if not statement:
        yield
        return
    with connection.execute_wrapper(kill_at), suppress(*KILLED):
        yield
    connection.close()


def pid_of_this_thread() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def terminate(pid: int) -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:  # type: ignore[arg-type]
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def falsehoods(petitions: list[Petition]) -> list[object]:
    """What is not true in this very snapshot."""
    found: list[object] = []
    for petition in petitions:
        state: TallyState = tally_state(petition_id=petition.pk)
        if state.drift:
            found.append(state)
        found += wrong_cells(petition_id=petition.pk, window=Window())
    return found


@contextmanager
def watching(petitions: list[Petition]) -> Iterator[list[object]]:
    """Somebody looks again and again, in a connection of their own, while the acts go on."""
    seen: list[object] = []
    stop = Event()

    def look() -> None:
        try:
            while not stop.is_set():
                seen.extend(falsehoods(petitions))
                time.sleep(0.002)
        finally:
            connections.close_all()

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(30)


def assert_each_act_is_whole(petitions: list[Petition]) -> None:
    """A proof is a signature, its mail and the end of the attempts; leaving takes all three away."""
    for signature in Signature.objects.filter(petition__in=petitions, erased_at__isnull=True):
        assert OutgoingMessage.objects.filter(unique_key=confirmation_key(signature_id=signature.pk)).count() == 1
    for case in IntegrityCase.objects.filter(petition__in=petitions):
        changed = case.members.filter(changed_it=True, signature__isnull=False).count()
        assert changed <= case.found_counted + case.found_held
    assert not TallyRepair.objects.filter(petition__in=petitions).exists()


def do_at_once(threads: ThreadPoolExecutor, world: World, acts: list[tuple[str, int, int]]) -> None:
    """All acts start at the same instant; "folds" is one petition folded by up to eight workers."""
    wide = [act for verb, number, kill in acts for act in _widened(verb, number, kill)][:MOST_AT_ONCE]
    barrier = Barrier(len(wide), timeout=60)

    def begin(act: tuple[str, int, int]) -> None:
        connection.ensure_connection()
        barrier.wait()
        world.act(*act)

    futures: list[Future[None]] = [threads.submit(begin, act) for act in wide]
    for future in futures:
        future.result(60)


def _widened(verb: str, number: int, kill: int) -> list[tuple[str, int, int]]:
    return [("fold", number, kill)] * (1 + number % 8) if verb == "folds" else [(verb, number, kill)]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TALLY_EXAMPLES" not in os.environ,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # a race does not shrink
    suppress_health_check=list(HealthCheck),
)
@given(life=lives)
def test_the_count_is_true_whatever_happens_at_once(life: list[list[tuple[str, int, int]]]) -> None:
    world = World()
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE) as threads:
        try:
            for person in range(PEOPLE):  # somebody is there from the beginning
                for verb in ("sign", "prove"):
                    world.act(verb, person, 0)
            for step in life:
                world.now += timedelta(minutes=7)
                with watching(world.petitions) as seen:
                    do_at_once(threads, world, step)
                assert seen == []
                assert falsehoods(world.petitions) == []
                assert_each_act_is_whole(world.petitions)
        finally:
            close_connections_of(threads)
    for petition in world.petitions:
        assert_folds_and_recount_agree(petition, now=world.now)


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_many_folds_at_once_leave_what_one_would(workers: int) -> None:
    world = World()
    rng = random.Random(workers)
    petition = world.petitions[0]
    others = ("sign", "prove", "preview", "advance", "recount", "check")
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE) as threads:
        try:
            for hour in range(4):
                load_signatures(petition, 200, first_at=NOW + timedelta(hours=hour), first_number=200 * hour)
                acts = [("fold", 2 * rng.randrange(4), 0) for _ in range(workers)]
                acts += [(verb, rng.randrange(18), 0) for verb in others]
                with watching(world.petitions) as seen:
                    do_at_once(threads, world, acts)
                assert seen == []
        finally:
            close_connections_of(threads)
    for petition in world.petitions:
        assert_folds_and_recount_agree(petition, now=world.now)


def assert_folds_and_recount_agree(petition: Petition, *, now: datetime) -> None:
    """Byte for byte: the total, every bucket and every reason."""
    while fold_tally(petition_id=petition.pk, now=now, batch=100):
        assert falsehoods([petition]) == []
    by_folds = rows_of_count(petition)
    recount(petition_id=petition.pk, now=now)
    assert rows_of_count(petition) == by_folds


def close_connections_of(threads: ThreadPoolExecutor) -> None:
    """Each thread closes its own; they all wait here for each other, so that each gets one call."""
    size = threads._max_workers
    started = [threads.submit(_close_and_linger) for _ in range(size)]
    for future in started:
        future.result(60)


def _close_and_linger() -> None:
    connections.close_all()
    time.sleep(0.05)


def test_a_killed_act_is_nothing_at_all() -> None:
    world = World()
    world.act("sign", 0, 0)
    petition = world.petitions[0]

    with suppress(DatabaseError), transaction.atomic(), killing(0):
        world.act("prove", 0, 0)
        terminate(pid_of_this_thread())
    connection.close()

    assert not Signature.objects.exists()
    assert PendingSignature.objects.filter(petition=petition).count() == 1
    assert falsehoods(world.petitions) == []
