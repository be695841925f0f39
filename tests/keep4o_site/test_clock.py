"""The clock asks only for work that exists."""

from keep4o_site.celery import app


def test_every_task_of_the_clock_exists() -> None:
    app.loader.import_default_modules()

    asked_for = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert asked_for <= set(app.tasks)


def test_no_question_of_the_clock_outlives_the_next_hour() -> None:
    assert all(0 < entry["options"]["expires"] <= 3600 for entry in app.conf.beat_schedule.values())
