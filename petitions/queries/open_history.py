"""A petition's numbers as everybody may see them: by hour since the start, how fast they come, and what is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from petitions.models import Milestone, Petition, Tally, TallyHour
from petitions.queries.pages import Standing, standing_of
from petitions.rules.forecast import Forecast, Outlook, forecast
from petitions.rules.public_history import HOUR, PublicHistory, public_history
from petitions.rules.velocity import DayRecord, HourRecord, Velocity, busiest_day, busiest_hour, velocities

_INSTANT = timedelta(microseconds=1)


class Silence(StrEnum):
    """Why nothing is foretold, beside what a forecast itself may say."""

    NOT_STARTED = "not-started"
    PAUSED = "paused"
    CLOSED = "closed"
    NO_MILESTONE_LEFT = "no-milestone-left"
    NOT_BEFORE_CLOSING = "not-before-closing"


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """When the next milestone may come. `outlook` says which of the instants can be told; None of them is in the past."""

    outlook: Outlook | Silence
    milestone: int | None = None
    missing: int = 0
    earliest: datetime | None = None
    likely: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OpenHistory:
    """All that is published of a petition's numbers; all but the total and the milestones follows from the public cells."""

    petition: Petition
    standing: Standing
    as_of: datetime
    history: PublicHistory
    velocities: tuple[Velocity, ...]
    busiest_hour: HourRecord | None
    busiest_day: DayRecord | None
    milestones: tuple[Milestone, ...]
    prospect: Prospect


def open_history(*, petition: Petition, now: datetime) -> OpenHistory:
    """
    This function will read the public numbers of a petition with two statements, whatever the number of its signatures.

    Args:    petition: loaded with its tally.
    Returns: hours from the first counted signature's day to the current hour, or to the closing; no velocity and no
             forecast once closed. The hours are of one snapshot; their sum is the published count of that instant.
    """
    tally: Tally | None = getattr(petition, "tally", None)
    standing = standing_of(petition, now=now)
    milestones = Milestone.objects.filter(petition=petition).order_by("threshold", "id")
    history = public_history(hours=_hours(petition), until=_last_instant(petition, standing, now))
    return OpenHistory(
        petition=petition,
        standing=standing,
        as_of=tally.as_of if tally else petition.opens_at or petition.created_at,
        history=history,
        velocities=() if standing.is_closed else velocities(history=history, until=_full_hour(now)),
        busiest_hour=busiest_hour(history),
        busiest_day=busiest_day(history),
        milestones=tuple(milestones),
        # An answer that says other instants each time it is asked has no use for its ETag.
        prospect=_prospect(petition, standing, history, now=now.replace(second=0, microsecond=0)),
    )


def _hours(petition: Petition) -> dict[datetime, int]:
    return dict(TallyHour.objects.filter(petition=petition, n__gt=0).values_list("starts_at", "n"))


def _last_instant(petition: Petition, standing: Standing, now: datetime) -> datetime:
    """Of a petition that closed at midnight, the hour from midnight on is none of its own."""
    is_over = standing.is_closed and petition.closes_at is not None and petition.closes_at < now
    return petition.closes_at - _INSTANT if is_over and petition.closes_at else now


def _full_hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _prospect(petition: Petition, standing: Standing, history: PublicHistory, *, now: datetime) -> Prospect:
    silence = _silence(standing, history)
    following = [step for step in sorted(petition.ladder) if step > history.total]
    if silence or not following:
        return Prospect(outlook=silence or Silence.NO_MILESTONE_LEFT, milestone=following[0] if following else None)
    missing = following[0] - history.total
    found = forecast(hourly=_full_hours(history, until=_full_hour(now)), left=missing, now=now)
    if petition.closes_at:
        return _before_closing(found, closes_at=petition.closes_at, milestone=following[0], missing=missing)
    return _told(found, milestone=following[0], missing=missing)


def _silence(standing: Standing, history: PublicHistory) -> Silence | None:
    if standing.is_closed:
        return Silence.CLOSED
    if standing.is_paused:
        return Silence.PAUSED
    return None if history.days else Silence.NOT_STARTED


def _full_hours(history: PublicHistory, *, until: datetime) -> Sequence[float]:
    """Only hours that are over: the current one would look like a fall."""
    hourly = [n for day in history.estimates for n in day]
    first = history.first_at
    return hourly[: max(0, int((until - first) / HOUR))] if first else hourly


def _before_closing(found: Forecast, *, closes_at: datetime, milestone: int, missing: int) -> Prospect:
    """What would come after the closing does not come."""
    if found.earliest and found.earliest > closes_at:
        return Prospect(outlook=Silence.NOT_BEFORE_CLOSING, milestone=milestone, missing=missing)
    latest, likely = (at if at and at <= closes_at else None for at in (found.latest, found.likely))
    is_cut = found.outlook is Outlook.RANGE and latest is None
    return Prospect(
        outlook=Outlook.OPEN_ENDED if is_cut else found.outlook,
        milestone=milestone,
        missing=missing,
        earliest=found.earliest,
        likely=likely,
        latest=latest,
    )


def _told(found: Forecast, *, milestone: int, missing: int) -> Prospect:
    return Prospect(
        outlook=found.outlook,
        milestone=milestone,
        missing=missing,
        earliest=found.earliest,
        likely=found.likely,
        latest=found.latest,
    )
