"""Runs one function many times at the same instant, each in a thread with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")
START_TIMEOUT_S = 30


def run_in_parallel(function: Callable[[], Result], times: int = 20) -> list[Result | Exception]:
    """
    This function will call `function` in `times` threads that start together.

    Returns: what each call returned, or the exception that it raised, in no meaningful order.
    The test needs `@pytest.mark.django_db(transaction=True)`: threads see only what is committed.
    """
    return run_all_in_parallel([function] * times)


def run_all_in_parallel(functions: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """This function will call different functions at the same instant; the results keep the order of the functions."""
    barrier = Barrier(len(functions), timeout=START_TIMEOUT_S)
    with ThreadPoolExecutor(max_workers=len(functions)) as threads:
        return list(threads.map(lambda function: _run_from_barrier(function, barrier), functions))


def _run_from_barrier(function: Callable[[], Result], barrier: Barrier) -> Result | Exception:
    try:
        connections["default"].ensure_connection()  # connecting takes longer than the race that is tested
        barrier.wait()
        return function()
    except Exception as error:  # noqa: BLE001 # the test judges it
        return error
    finally:
        connections.close_all()


def results_of(outcomes: Sequence[Result | Exception]) -> list[Result]:
    """This function will return the results and raise the first exception, if any call raised one."""
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
