"""The table beside the picture: months, days or hours, each with what everybody may see of it. Plain Python."""

from dataclasses import dataclass
from datetime import datetime

from petitions.rules.periods import day_from_text
from petitions.rules.public_history import Bounds, Cell, PublicHistory

MOST_DAYS_IN_A_LIST = 62


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line. `period` names the page of its parts, as 2026-02 or 2026-02-13; "" where there is nothing to open."""

    unit: str  # month, day or hour
    starts_at: datetime
    number: Cell | Bounds
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class PeriodTable:
    """A month by day or a day by hour, the whole of it, and its neighbours that have something to show."""

    unit: str  # month or day
    starts_at: datetime
    number: Cell | Bounds
    rows: list[Row]
    earlier: str
    later: str
    month: str  # the month that holds the day


def overview(history: PublicHistory) -> list[Row]:
    """This function will list a short history by day and a longer one by month, oldest first."""
    if len(history.days) <= MOST_DAYS_IN_A_LIST:
        return _days(history, 0, len(history.days))
    return _months(history)


def period_table(*, history: PublicHistory, period: str) -> PeriodTable | None:
    """This function will list the days of a month or the hours of a day; None for what is neither, or lies outside."""
    if not history.days:
        return None
    day = day_from_text(period)
    if day is not None and period == day.isoformat():
        at = (day - history.days[0].on).days
        return _day_table(history, at) if 0 <= at < len(history.days) else None
    months = _months(history)
    return next((_month_table(history, months, n) for n, row in enumerate(months) if _month_name(row) == period), None)


def _day_table(history: PublicHistory, at: int) -> PeriodTable:
    day = history.days[at]
    neighbours = [history.days[n].on.isoformat() if 0 <= n < len(history.days) else "" for n in (at - 1, at + 1)]
    rows = [
        Row(unit="hour", starts_at=day.starts_at.replace(hour=hour), number=cell) for hour, cell in enumerate(day.hours)
    ]
    return PeriodTable(
        unit="day",
        starts_at=day.starts_at,
        number=day.cell,
        rows=rows,
        earlier=neighbours[0],
        later=neighbours[1],
        month=f"{day.on:%Y-%m}",
    )


def _month_table(history: PublicHistory, months: list[Row], n: int) -> PeriodTable:
    first = history.days[0].starts_at
    start, end = months[n].starts_at, _next_month(months[n].starts_at)
    return PeriodTable(
        unit="month",
        starts_at=start,
        number=months[n].number,
        rows=_days(history, max(0, (start - first).days), (end - first).days),
        earlier=_month_name(months[n - 1]) if n else "",
        later=_month_name(months[n + 1]) if n + 1 < len(months) else "",
        month=_month_name(months[n]),
    )


def _months(history: PublicHistory) -> list[Row]:
    rows, start = [], history.days[0].starts_at.replace(day=1)
    while start <= history.days[-1].starts_at:
        number = history.sum_between(start, _next_month(start))
        rows.append(Row(unit="month", starts_at=start, number=number, period=f"{start:%Y-%m}" if number.most else ""))
        start = _next_month(start)
    return rows


def _days(history: PublicHistory, first: int, last: int) -> list[Row]:
    return [
        Row(
            unit="day",
            starts_at=day.starts_at,
            number=day.cell,
            period=day.on.isoformat() if day.cell != 0 and day.tells_hours else "",
        )
        for day in history.days[first:last]
    ]


def _month_name(row: Row) -> str:
    return f"{row.starts_at:%Y-%m}"


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
