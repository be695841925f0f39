"""Forgetting by the clock: every kind in one task, none held up by another, and a report of it that anybody can check."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import RetentionRun
from accounts.retention import record_run
from keep4o_site import retention
from keep4o_site.celery import app
from keep4o_site.retention import ALL_RETENTIONS, retention_report
from keep4o_site.tasks import forget_expired
from outbox.retention import Retention
from petitions.models import PendingSignature, PetitionState, Signature
from tests.factories import NOW, make_pending_signature, make_petition, make_signature

pytestmark = pytest.mark.django_db


def kind_of(name: str) -> Retention:
    return next(kind for kind in ALL_RETENTIONS if kind.kind == name)


def fails(_now: object) -> int:
    raise OSError("the disk is full, says alice@example.org")


def test_the_clock_forgets_what_is_over_and_keeps_the_rest() -> None:
    now = timezone.now()
    make_pending_signature(created_at=now - timedelta(days=14, minutes=1))
    kept = make_pending_signature(created_at=now - timedelta(days=13))
    closed = make_petition(state=PetitionState.CLOSED, closes_at=now - timedelta(days=181))
    forgotten, remembered = make_signature(petition=closed), make_signature()

    forget_expired()

    assert list(PendingSignature.objects.all()) == [kept]
    forgotten.refresh_from_db()
    remembered.refresh_from_db()
    assert (forgotten.email_sealed, forgotten.name_sealed, forgotten.identity_digest) == (None, None, None)
    assert remembered.email_sealed is not None
    assert Signature.objects.counted().count() == 2


def test_each_run_leaves_a_line_for_each_kind_also_for_none() -> None:
    make_pending_signature(created_at=timezone.now() - timedelta(days=15))

    forget_expired()

    lines = dict(RetentionRun.objects.values_list("kind", "forgotten"))
    assert lines == {**dict.fromkeys([kind.kind for kind in ALL_RETENTIONS], 0), "attempts": 1}


def test_the_clock_asks_one_task_for_all_of_it() -> None:
    entry = app.conf.beat_schedule["forget expired"]

    assert entry["task"] == forget_expired.name
    assert entry["schedule"] == retention.EVERY.total_seconds()
    assert not [other["task"] for other in app.conf.beat_schedule.values() if "purge" in other["task"]]


def test_a_kind_that_fails_holds_up_no_other_and_is_late_in_the_report(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Retention(kind="broken", what="What breaks", kept=lambda: "1 day", forget_some=fails)
    monkeypatch.setattr(retention, "ALL_RETENTIONS", (broken, *ALL_RETENTIONS))
    make_pending_signature(created_at=timezone.now() - timedelta(days=15))

    forget_expired()

    assert not PendingSignature.objects.exists()
    late = {line.retention.kind for line in retention_report(now=timezone.now()) if line.is_late}
    assert late == {"broken"}
    [record] = [record for record in caplog.records if record.message == "retention_failed"]
    assert record.kind == "broken"  # type: ignore[attr-defined]


def test_the_log_holds_numbers_only(caplog: pytest.LogCaptureFixture) -> None:
    make_pending_signature(email="alice@example.org", created_at=timezone.now() - timedelta(days=15))

    with caplog.at_level(logging.INFO):
        forget_expired()

    [record] = [record for record in caplog.records if record.message == "forgotten"]
    assert (record.kind, record.rows) == ("attempts", 1)  # type: ignore[attr-defined]
    assert "alice" not in str(vars(record))


def test_what_did_not_run_for_a_day_is_late() -> None:
    for kind in ALL_RETENTIONS:
        record_run(kind=kind.kind, forgotten=0, now=NOW)

    assert not any(line.is_late for line in retention_report(now=NOW + timedelta(hours=24)))
    assert all(line.is_late for line in retention_report(now=NOW + timedelta(hours=24, seconds=1)))
    assert retention_report(now=NOW)[0].next_due_at == NOW + timedelta(hours=1)


def test_a_kind_with_much_to_forget_yields_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Retention(kind="endless", what="What never ends", kept=lambda: "1 day", forget_some=lambda _now: 1)
    monkeypatch.setattr(retention, "ALL_RETENTIONS", (endless, *ALL_RETENTIONS))

    done = {line.retention.kind: line.count for line in retention.forget_expired(now=NOW, budget_s=0.01)}

    assert (done["endless"] or 0) > 0
    assert done["attempts"] == 0


def test_every_kind_says_how_long_it_is_kept_and_no_two_share_a_name() -> None:
    names = [kind.kind for kind in ALL_RETENTIONS]

    assert len(set(names)) == len(names)
    assert all(any(sign.isdigit() for sign in kind.kept()) for kind in ALL_RETENTIONS)
