"""
How long the answer to a signing takes tells nothing about the address: new, repeated, proved, held and over its limit.

Two measures. What the database is asked, which no load of the machine changes: as many statements for each. And the
times themselves, with real commits, the cases taken in turns so that a busy moment meets all of them alike.
"""

import itertools
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from outbox.models import OutgoingMessage
from petitions.models import PendingSignature
from petitions.rules.signing import MAILS_PER_DAY
from tests.factories import make_petition, make_signature
from tests.sign_forms import carried

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20
MOST_LOOKS = 4
# Medians of 20 scatter by about a twentieth on a machine that others use as well: five times that is no chance.
MAY_DIFFER_SHARE = 0.25
MAY_DIFFER_MS = 2.0  # of an answer that takes ten: less than what a line to the site adds by chance
_numbers = itertools.count()


def fresh_address() -> str:
    return f"person{next(_numbers)}@n{next(_numbers)}.example.org"


def sign(address: str, **changes: str) -> Any:
    form = {"name": "Ada Lovelace", "email": address, "country": "FR", **carried("x"), **changes}
    return Client().post("/en/petitions/x/sign/", form)


def new() -> dict[str, str]:
    return {"address": fresh_address()}


def repeated() -> dict[str, str]:
    address = fresh_address()
    sign(address)
    return {"address": address}


def proved() -> dict[str, str]:
    address = fresh_address()
    make_signature(petition=PETITION["x"], email=address, owed=False)
    return {"address": address}


def held() -> dict[str, str]:
    return {"address": f"person{next(_numbers)}@mailinator.com"}


def withheld() -> dict[str, str]:
    return {"address": fresh_address(), "homepage": "https://example.org"}


def over_the_limit() -> dict[str, str]:
    address = fresh_address()
    for _ in range(MAILS_PER_DAY):
        sign(address)
    return {"address": address}


CASES: dict[str, Callable[[], dict[str, str]]] = {
    case.__name__: case for case in (new, repeated, proved, held, withheld, over_the_limit)
}
PETITION: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _petition(settings: Settings) -> Iterator[None]:
    limit = ((100_000, timedelta(minutes=10)),)  # all of these visitors come from one machine
    settings.SIGNING_LIMITS = dict.fromkeys(settings.SIGNING_LIMITS, limit)
    settings.WORK_CALM_RATE = 100_000
    PETITION["x"] = make_petition(slug="x")
    sign(fresh_address())  # the first one warms what all later ones find warm
    yield
    PETITION.clear()


def test_the_cases_are_what_they_are_called() -> None:
    for name, case in CASES.items():
        sign(**case())
        newest = PendingSignature.objects.latest("id")
        assert (newest.held_reason == "") == (name in ("new", "repeated", "proved", "over_the_limit")), name
    assert OutgoingMessage.objects.filter(kind="already_signed").count() == 1


def test_the_database_is_asked_as_often_for_each() -> None:
    asked = {}
    for name, case in CASES.items():
        typed = case()
        with CaptureQueriesContext(connection) as captured:
            assert sign(**typed).status_code == 303
        asked[name] = len(captured)

    assert len(set(asked.values())) == 1, asked


def test_the_times_of_the_answers_differ_by_no_more_than_noise() -> None:
    times: dict[str, list[float]] = defaultdict(list)

    # A leak shows the more the longer one looks; what a busy moment did to one case does not.
    is_even = any(_is_even(_sample_into(times)) for _ in range(MOST_LOOKS))

    assert is_even, {name: statistics.median(found) for name, found in times.items()}


def _sample_into(times: dict[str, list[float]]) -> dict[str, list[float]]:
    """One more look: each case in each round, in an order of its own, so that none always follows the same one."""
    for round_ in range(ROUNDS):
        for name in random.Random(round_).sample(list(CASES), len(CASES)):
            times[name].append(_ms_of(CASES[name]()))
    return times


def _is_even(times: dict[str, list[float]]) -> bool:
    medians = {name: statistics.median(found) for name, found in times.items()}
    allowed = max(MAY_DIFFER_MS, MAY_DIFFER_SHARE * medians["new"])
    return all(abs(median - medians["new"]) < allowed for median in medians.values())


def _ms_of(typed: dict[str, str]) -> float:
    started = time.perf_counter()
    answer = sign(**typed)
    took = time.perf_counter() - started
    assert answer.status_code == 303
    return took * 1_000
