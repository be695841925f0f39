"""The history as files: the same rows in JSON and CSV, hours first."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from petitions.models import Milestone
from petitions.queries.open_history import OpenHistory, Prospect
from petitions.rules.cells import formula_safe
from petitions.rules.forecast import SHARE_INSIDE
from petitions.rules.public_history import Bounds
from petitions.rules.velocity import DayRecord, HourRecord, Velocity

COLUMNS = ("hour", "signatures")


def history_csv(*, numbers: OpenHistory) -> str:
    """This function will write one line for each hour, as RFC 4180 says; no cell starts a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        (written(starts_at), formula_safe(cell) if isinstance(cell, str) else cell)
        for starts_at, cell in numbers.history.hours()
    )
    return text.getvalue()


def history_json(*, numbers: OpenHistory) -> str:
    """This function will write everything that is published of a petition's numbers as one JSON object."""
    return json.dumps(history_data(numbers=numbers), ensure_ascii=False, separators=(",", ":")) + "\n"


def history_data(*, numbers: OpenHistory) -> dict[str, Any]:
    """This function will name every figure of a history."""
    return {
        "petition": numbers.petition.slug,
        "timezone": "UTC",
        "as_of": written(numbers.as_of),
        "total": numbers.history.total,
        "velocity": [_velocity(velocity) for velocity in numbers.velocities],
        "records": {"hour": _busiest_hour(numbers.busiest_hour), "day": _busiest_day(numbers.busiest_day)},
        "milestones": [_milestone(milestone) for milestone in numbers.milestones],
        "forecast": _forecast(numbers.prospect),
        "days": [{"day": day.on.isoformat(), "signatures": day.cell} for day in numbers.history.days],
        "hours": [{"hour": written(starts_at), "signatures": cell} for starts_at, cell in numbers.history.hours()],
    }


def written(instant: datetime | None) -> str | None:
    """This function will write an instant of UTC as the other answers of the API do."""
    return instant.isoformat().replace("+00:00", "Z") if instant else None


def _velocity(velocity: Velocity) -> dict[str, Any]:
    return {
        "hours": velocity.hours,
        "since": written(velocity.since),
        "until": written(velocity.until),
        "signatures": _bounds(velocity.signatures),
        "before": velocity.before and _bounds(velocity.before),
        "change_percent": velocity.change_percent,
    }


def _bounds(bounds: Bounds) -> dict[str, int]:
    return {"least": bounds.least, "most": bounds.most}


def _busiest_hour(record: HourRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"hour": written(record.starts_at), "signatures": record.signatures, "certain": record.is_certain}


def _busiest_day(record: DayRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"day": record.on.isoformat(), "signatures": record.signatures, "certain": record.is_certain}


def _milestone(milestone: Milestone) -> dict[str, Any]:
    return {"threshold": milestone.threshold, "reached_at": written(milestone.reached_at)}


def _forecast(prospect: Prospect) -> dict[str, Any]:
    return {
        "outlook": prospect.outlook.value,
        "milestone": prospect.milestone,
        "missing": prospect.missing,
        "earliest": written(prospect.earliest),
        "likely": written(prospect.likely),
        "latest": written(prospect.latest),
        "share_inside": SHARE_INSIDE,
    }
