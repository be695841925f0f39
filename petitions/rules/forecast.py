"""
When a petition reaches its next milestone: a range that is meant to hold in four cases of five, or nothing. Plain Python.

The model, in words. Signatures come at a level, the mean of the last seven days in which a later day weighs more. Days of
the week and hours of the day have their shares, as far as the last weeks show them. A level that fell keeps falling for
a while, more and more slowly; one that rose is not expected to rise further, since waves of signatures fade. Around this
stand three doubts: chance (days scatter more than coins do; how much is measured), the level itself, and that levels
wander, the more the farther one looks. tests/petitions/test_forecast.py tries it against made-up petitions of
many kinds and holds it to its word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import exp, log, sqrt

HOUR = timedelta(hours=1)
SHARE_INSIDE = 0.8
PACE_DAYS = 7
FEWEST_DAYS, FEWEST_SIGNATURES = 3, 10
FARTHEST_DAYS = 365
_Z = 1.2816  # of the normal distribution: a tenth lies above it, a tenth below its negative
_DAY_H, _WEEK_H = 24, 168
_HISTORY_DAYS, _WEEKDAY_DAYS = 84, 28
_FADING = 0.8  # what a day weighs beside the next one
_TREND_KEPT, _TREND_LASTS_WEEKS = 0.6, 2.0
_WANDERING, _WANDERING_WEIGHT = 0.16, 3.0  # variance of a level's logarithm in a week, and how many weeks it counts as
_HALF = 0.5  # keeps the logarithm of an empty week finite


class Outlook(StrEnum):
    """What can be said."""

    RANGE = "range"
    OPEN_ENDED = "open-ended"  # perhaps as early as that; perhaps not at all, as the pace falls
    NOT_AT_THIS_PACE = "not-at-this-pace"
    TOO_LITTLE_DATA = "too-little-data"


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """When the count gets there: in four of five cases between `earliest` and `latest`, as likely before as after `likely`."""

    outlook: Outlook
    earliest: datetime | None = None
    likely: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Pace:
    """What the last weeks say about the next."""

    level: float  # signatures a day
    weekdays: Sequence[float]  # the share of each of the next seven days
    hours: Sequence[float]  # of each of the next 24 hours
    trend: float  # of the level's logarithm in a week
    scatter: float  # variance of a day by its mean
    doubt: float  # variance of the level's logarithm
    wandering: float  # and how it grows in a week


def forecast(*, hourly: Sequence[float], left: int, now: datetime) -> Forecast:
    """
    This function will tell when `left` more signatures have come, if the pace of the last days holds or fades as it does.

    Args:    hourly: signatures of each hour, oldest first, the last full hour last.  left: 1 or more.
    Returns: instants after `now`, the earliest an hour away; `latest` and `likely` None where a year would not be enough.
    """
    days = _days_back(hourly)
    recent = days[:PACE_DAYS]
    if len(days) < FEWEST_DAYS:
        return Forecast(outlook=Outlook.TOO_LITTLE_DATA)
    if sum(recent) < 1:
        return Forecast(outlook=Outlook.NOT_AT_THIS_PACE)
    if sum(recent) < FEWEST_SIGNATURES:
        return Forecast(outlook=Outlook.TOO_LITTLE_DATA)
    hours = _hours_until(_pace(days, hourly), left=left)
    if hours[0] is None:
        return Forecast(outlook=Outlook.NOT_AT_THIS_PACE)
    earliest, likely, latest = (None if h is None else now + h * HOUR for h in hours)
    outlook = Outlook.OPEN_ENDED if latest is None else Outlook.RANGE
    return Forecast(outlook=outlook, earliest=earliest, likely=likely, latest=latest)


def _days_back(hourly: Sequence[float]) -> list[float]:
    """Whole days, each ending at the hour at which the last one ends, the latest first."""
    count = min(len(hourly) // _DAY_H, _HISTORY_DAYS)
    ends = (len(hourly) - n * _DAY_H for n in range(count))
    return [sum(hourly[end - _DAY_H : end]) for end in ends]


def _hours_until(pace: _Pace, *, left: int) -> list[int | None]:
    """After how many hours the high, the middle and the low course get there."""
    found: list[int | None] = [None, None, None]
    for hour, expected in _expected(pace):
        spread = _Z * sqrt(_variance(pace, expected=expected, weeks=hour / _WEEK_H))
        for at, course in enumerate((expected * exp(spread), expected, expected * exp(-spread))):
            if found[at] is None and course >= left:
                found[at] = hour
        if found[2] is not None:
            break
    return found


def _expected(pace: _Pace) -> Iterator[tuple[int, float]]:
    """How many signatures have come after each hour: hour by hour for three days, day by day from then on."""
    total = 0.0
    for day in range(FARTHEST_DAYS):
        weeks = day / PACE_DAYS
        drift = pace.trend * _TREND_LASTS_WEEKS * (1 - exp(-weeks / _TREND_LASTS_WEEKS))
        coming = pace.level * pace.weekdays[day % PACE_DAYS] * exp(drift)
        if day < FEWEST_DAYS:
            for hour, share in enumerate(pace.hours, start=1):
                total += coming * share
                yield day * _DAY_H + hour, total
        else:
            total += coming
            yield (day + 1) * _DAY_H, total


def _variance(pace: _Pace, *, expected: float, weeks: float) -> float:
    """Of the logarithm of what has come: chance, the level, its wandering (a third of it, as it adds up on the way)."""
    return log(1 + pace.scatter / max(expected, 1e-9)) + pace.doubt + pace.wandering * weeks / 3


def _pace(days: Sequence[float], hourly: Sequence[float]) -> _Pace:
    weekdays = _weekdays(days)
    even = [day / weekdays[-1 - n % PACE_DAYS] for n, day in enumerate(days)]  # as if all days of the week were alike
    recent = even[:PACE_DAYS]
    weights = [_FADING**n for n in range(len(recent))]
    level = sum(w * day for w, day in zip(weights, recent, strict=True)) / sum(weights)
    scatter = _scatter(recent)
    counted = level * sum(weights) ** 2 / sum(w * w for w in weights)
    return _Pace(
        level=level,
        weekdays=weekdays,
        hours=_hours_of_day(hourly),
        trend=_trend(even),
        scatter=scatter,
        doubt=scatter / max(counted, 1.0),
        wandering=_wandering(even),
    )


def _weekdays(days: Sequence[float]) -> list[float]:
    """The share of the next seven days, from four whole weeks, half believed; without so many, all alike."""
    weeks = len(days[:_WEEKDAY_DAYS]) // PACE_DAYS
    mean = sum(days[: weeks * PACE_DAYS]) / max(1, weeks * PACE_DAYS)
    if weeks * PACE_DAYS < _WEEKDAY_DAYS or mean <= 0:
        return [1.0] * PACE_DAYS
    # Shares within each week, so that a busy week does not speak for its own busy day alone.
    shares = [0.0] * PACE_DAYS
    for week in range(weeks):
        part = days[week * PACE_DAYS : (week + 1) * PACE_DAYS]
        for n, day in enumerate(part):
            # Day n back is, a week later, day 7 - n ahead: counted from zero, place 6 - n.
            shares[PACE_DAYS - 1 - n] += day / max(sum(part), _HALF) * PACE_DAYS / weeks
    return [(1 + share) / 2 for share in shares]


def _hours_of_day(hourly: Sequence[float]) -> list[float]:
    """The share of each of the next 24 hours, from the last seven days; a signature an hour is added, for calm."""
    hours = [1.0] * _DAY_H
    last = hourly[-PACE_DAYS * _DAY_H :]
    for back, n in enumerate(reversed(last), start=1):
        hours[-back % _DAY_H] += n
    return [n / sum(hours) for n in hours]


def _scatter(days: Sequence[float]) -> float:
    """Variance by mean around a course that rises or falls evenly: neighbours differ by chance, not by the trend."""
    mean = sum(days) / len(days)
    if len(days) < 2 or mean <= 0:
        return 1.0
    variance = sum((a - b) ** 2 for a, b in pairwise(days)) / 2 / (len(days) - 1)
    return max(1.0, variance / mean)


def _trend(days: Sequence[float]) -> float:
    """How the level's logarithm changes in a week: the later half of two weeks beside the earlier; a rise is not kept."""
    half = min(PACE_DAYS, len(days) // 2)
    now, before = sum(days[:half]), sum(days[half : 2 * half])
    return _TREND_KEPT * min(0.0, log((now + _HALF) / (before + _HALF)) * PACE_DAYS / half)


def _wandering(days: Sequence[float]) -> float:
    """How much this petition's weeks differed so far, beside what is usual; the last change is in the trend already."""
    weeks = [sum(days[n : n + PACE_DAYS]) + _HALF for n in range(0, len(days) - PACE_DAYS + 1, PACE_DAYS)]
    changes = [log(a / b) ** 2 for a, b in pairwise(weeks)]
    return (_WANDERING * _WANDERING_WEIGHT + sum(changes)) / (_WANDERING_WEIGHT + len(changes))
