"""The clock asks only for work that exists, and goes on asking whatever is done to the clock on the wall."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery

from keep4o_site.celery import SHORTEST_EXPIRY_S, app
from keep4o_site.steady_clock import SteadyScheduler


def test_every_task_of_the_clock_exists() -> None:
    app.loader.import_default_modules()

    asked_for = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert asked_for <= set(app.tasks)


def test_no_question_of_the_clock_outlives_the_next_hour() -> None:
    assert all(0 < entry["options"]["expires"] <= 3600 for entry in app.conf.beat_schedule.values())


def test_a_worker_whose_clock_is_minutes_ahead_still_answers() -> None:
    assert all(entry["options"]["expires"] >= SHORTEST_EXPIRY_S for entry in app.conf.beat_schedule.values())


@pytest.mark.django_db  # which clock sends, the database says
@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=-400), timedelta(hours=5)])
def test_the_clock_asks_on_while_the_wall_clock_jumps(jump: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Celery(broker="memory://", set_as_current=False)
    clock.conf.beat_schedule = {name: {"task": name, "schedule": 0.03} for name in ("mail", "count")}
    asked: list[str] = []
    scheduler = SteadyScheduler(app=clock)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, **_options: asked.append(entry.task))

    _tick_until(scheduler, lambda: len(asked) >= 4)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + jump)
    asked.clear()
    _tick_until(scheduler, lambda: len(asked) >= 6)

    scheduler.close()
    assert asked.count("mail") == asked.count("count") == 3


def _tick_until(scheduler: SteadyScheduler, is_enough: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_enough():
        assert time.monotonic() < deadline
        time.sleep(min(scheduler.tick(), 0.05))
