"""The lines of the retention report: sums that never change, in a table that stays short."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from accounts.models import RetentionRun
from accounts.retention import fold_old_runs, forget_ended_sessions, forgotten_by_kind, record_run
from tests.factories import NOW
from tests.parallel import results_of, run_in_parallel

pytestmark = pytest.mark.django_db


def run_hourly(*, since: datetime, hours: int, kind: str = "attempts") -> None:
    runs = [RetentionRun(kind=kind, forgotten=hour % 5, ran_at=since + timedelta(hours=hour)) for hour in range(hours)]
    RetentionRun.objects.bulk_create(runs)


def sums() -> dict[str, tuple[int, int, datetime]]:
    report = forgotten_by_kind(now=NOW)
    return {kind: (done.ever, done.last_time, done.last_run_at) for kind, done in report.items()}


def test_ended_sessions_are_forgotten_and_living_ones_stay() -> None:
    for key, age in (("ended", timedelta(minutes=-1)), ("living", timedelta(minutes=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=NOW + age)

    assert forget_ended_sessions(now=NOW) == 1

    assert list(Session.objects.values_list("session_key", flat=True)) == ["living"]


def test_the_report_tells_the_last_run_the_last_days_and_everything() -> None:
    record_run(kind="attempts", forgotten=100, now=NOW - timedelta(days=40))
    record_run(kind="attempts", forgotten=20, now=NOW - timedelta(days=10))
    record_run(kind="attempts", forgotten=3, now=NOW - timedelta(hours=1))
    record_run(kind="stories", forgotten=0, now=NOW)

    report = forgotten_by_kind(now=NOW)

    attempts = report["attempts"]
    assert (attempts.last_time, attempts.recently, attempts.ever) == (3, 23, 123)
    assert attempts.last_run_at == NOW - timedelta(hours=1)
    assert (report["stories"].last_time, report["stories"].ever) == (0, 0)
    assert set(report) == {"attempts", "stories"}


def test_old_lines_become_one_a_day_and_older_ones_one_a_month_and_the_sums_stay() -> None:
    run_hourly(since=NOW - timedelta(days=200), hours=200 * 24)
    run_hourly(since=NOW - timedelta(days=200), hours=200 * 24, kind="stories")
    before = sums()

    folded = fold_old_runs(now=NOW)

    lines = RetentionRun.objects.count()
    assert folded == 2 * 200 * 24 - lines
    assert lines < 2 * (8 * 24 + 140 + 8)
    assert sums() == before
    assert RetentionRun.objects.filter(ran_at__gt=NOW - timedelta(days=7)).count() == 2 * (7 * 24 - 1)
    assert fold_old_runs(now=NOW) == 0


def test_what_is_folded_every_day_is_no_longer_than_what_is_folded_once() -> None:
    for day in range(150):
        now = NOW + timedelta(days=day)
        run_hourly(since=now, hours=3)
        fold_old_runs(now=now + timedelta(hours=4))

    months = RetentionRun.objects.filter(ran_at__lt=datetime(2026, 4, 1, tzinfo=UTC))
    assert months.count() == 1  # March, by its one line
    assert forgotten_by_kind(now=NOW + timedelta(days=150))["attempts"].ever == 150 * (0 + 1 + 2)


@pytest.mark.django_db(transaction=True)
def test_folds_at_once_change_no_sum() -> None:
    run_hourly(since=NOW - timedelta(days=20), hours=10 * 24)
    before = forgotten_by_kind(now=NOW)["attempts"].ever

    results_of(run_in_parallel(lambda: fold_old_runs(now=NOW), times=5))

    assert forgotten_by_kind(now=NOW)["attempts"].ever == before
    assert RetentionRun.objects.count() <= 11
