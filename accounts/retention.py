"""The report of what was forgotten, and what the accounts themselves forget: ended sessions, and old lines of that report."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Trunc
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import RetentionRun
from outbox.retention import Retention

RECENTLY = timedelta(days=30)
EACH_RUN_KEPT = timedelta(days=7)  # then one line a day
EACH_DAY_KEPT = timedelta(days=100)  # then one line a month


@dataclass(frozen=True, kw_only=True)
class ForgottenKind:
    """How much of one kind was forgotten, and when it was last looked for."""

    last_run_at: datetime
    last_time: int
    recently: int  # within RECENTLY
    ever: int


def record_run(*, kind: str, forgotten: int, now: datetime) -> None:
    """This function will write that one kind was looked through, also when there was nothing to forget."""
    RetentionRun.objects.create(kind=kind, forgotten=forgotten, ran_at=now)


def forgotten_by_kind(*, now: datetime) -> dict[str, ForgottenKind]:
    """This function will sum up the report; kinds that never ran are missing. Two statements over a table that is kept short."""
    last = RetentionRun.objects.order_by("kind", "-ran_at", "-id").distinct("kind")
    last_time = dict(last.values_list("kind", "forgotten"))
    sums = RetentionRun.objects.values("kind").annotate(
        last_run_at=Max("ran_at"),
        ever=Sum("forgotten"),
        recently=Sum("forgotten", filter=Q(ran_at__gt=now - RECENTLY), default=0),
    )
    return {
        row["kind"]: ForgottenKind(
            last_run_at=row["last_run_at"],
            last_time=last_time[row["kind"]],
            recently=row["recently"],
            ever=row["ever"],
        )
        for row in sums.order_by("kind")
    }


def forget_ended_sessions(*, now: datetime) -> int:
    """This function will delete the sessions that have ended; Django leaves that to whoever runs the site."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=now).delete()
    return deleted


def fold_old_runs(*, now: datetime) -> int:
    """
    Sum up old lines of the report: one a day after EACH_RUN_KEPT, one a month after EACH_DAY_KEPT. No sum changes by it.

    Returns: how many lines there are less.
    """
    # Whole days and months only, so that a line once summed up is summed up for good.
    before_days = (now - EACH_RUN_KEPT).replace(hour=0, minute=0, second=0, microsecond=0)
    before_months = (now - EACH_DAY_KEPT).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    old = RetentionRun.objects.filter(ran_at__lt=before_days)
    with transaction.atomic():
        return _fold(old.filter(ran_at__lt=before_months), by="month") + _fold(
            old.filter(ran_at__gte=before_months), by="day"
        )


def _fold(runs: QuerySet[RetentionRun], *, by: str) -> int:
    by_period = runs.annotate(period=Trunc("ran_at", by, tzinfo=UTC))
    groups = by_period.values("kind", "period").annotate(first_id=Min("id"), last_id=Max("id"))
    several = groups.filter(first_id__lt=F("last_id")).order_by("kind", "period")
    return sum(_fold_one(by_period.filter(kind=group["kind"], period=group["period"])) for group in several)


def _fold_one(runs: QuerySet[RetentionRun]) -> int:
    rows = list(runs.order_by("ran_at", "pk").select_for_update())
    if len(rows) < 2:
        return 0  # another fold was here first
    last = rows[-1]
    last.forgotten = sum(row.forgotten for row in rows)
    last.save(update_fields=["forgotten"])
    RetentionRun.objects.filter(pk__in=[row.pk for row in rows[:-1]]).delete()
    return len(rows) - 1


def _kept_sessions() -> str:
    days = settings.SESSION_COOKIE_AGE // int(timedelta(days=1).total_seconds())
    return ngettext("%(days)d day after signing in", "%(days)d days after signing in", days) % {"days": days}


def _kept_runs() -> str:
    return ngettext(
        "%(days)d day each; then summed up by day and month",
        "%(days)d days each; then summed up by day and month",
        EACH_RUN_KEPT.days,
    ) % {"days": EACH_RUN_KEPT.days}


RETENTIONS = (
    Retention(
        kind="sessions",
        what=_("Ended sessions of accounts"),
        kept=_kept_sessions,
        forget_some=lambda now: forget_ended_sessions(now=now),
    ),
    Retention(
        kind="retention_runs",
        what=_("Lines of this report"),
        kept=_kept_runs,
        forget_some=lambda now: fold_old_runs(now=now),
        is_about_people=False,
    ),
)
