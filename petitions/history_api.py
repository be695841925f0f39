"""A petition's numbers as open data: every hour since the start, how fast they come, and when the next milestone may."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from petitions.api import Problem
from petitions.models import Petition
from petitions.queries.history_files import history_csv, history_json
from petitions.queries.open_history import OpenHistory, Silence, open_history
from petitions.rules.forecast import Outlook

router = Router(tags=["Counts"])
FORMATS = ("json", "csv")
# A new hour comes sixty times as rarely as this ends; whoever wants the second asks for the count.
_CACHING = "public, max-age=0, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400"
_DAY_CELL = "1 to 4 reads `<5`; `withheld` is a larger number that would tell one of these."
_HOUR_CELL = (
    "`<8`, say, is 1 to 7: quiet hours read alike up to that number; `withheld` is an hour of which nothing is told."
)


class BoundsOut(Schema):
    """Equal where the number is known exactly; else what the hidden hours leave open."""

    least: int
    most: int


class VelocityOut(Schema):
    """What came in the last full hours of UTC, and in as many before them; null where the history is too short."""

    hours: int
    since: datetime
    until: datetime
    signatures: BoundsOut
    before: BoundsOut | None
    change_percent: int | None


class HourRecordOut(Schema):
    """`certain`, unless an hour whose number is hidden may have been busier."""

    hour: datetime
    signatures: int
    certain: bool


class DayRecordOut(Schema):
    day: date
    signatures: int
    certain: bool


class RecordsOut(Schema):
    hour: HourRecordOut | None
    day: DayRecordOut | None


class ReachedOut(Schema):
    threshold: int
    reached_at: datetime


class ForecastOut(Schema):
    """
    When the next milestone is reached if the pace of the last seven days holds, or goes on fading as it does: between
    `earliest` and `latest` in `share_inside` of such cases. `open-ended`: not before `earliest`, and perhaps never.
    """

    outlook: str = Field(json_schema_extra={"enum": [*Outlook, *Silence]})
    milestone: int | None
    missing: int
    earliest: datetime | None
    likely: datetime | None
    latest: datetime | None
    share_inside: float


class DayOut(Schema):
    day: date
    signatures: int | str = Field(description=_DAY_CELL)


class HourOut(Schema):
    hour: datetime
    signatures: int | str = Field(description=_HOUR_CELL)


class HistoryOut(Schema):
    """Hours and days of UTC without a gap, from the day of the first counted signature; empty before it."""

    petition: str
    timezone: str
    as_of: datetime
    total: int = Field(description="The published count, which the rows add up to where none is hidden.")
    velocity: list[VelocityOut]
    records: RecordsOut
    milestones: list[ReachedOut]
    forecast: ForecastOut
    days: list[DayOut]
    hours: list[HourOut]


class HistoryQuery(Schema):
    """Read as text, so that a mistake gets a sentence of its own."""

    format: str = Field("json", json_schema_extra={"enum": list(FORMATS)})


@router.get(
    "/petitions/{slug}/history",
    response={200: HistoryOut, 400: Problem, 404: Problem, 422: Problem},
    summary="The history of a petition's count, hour by hour",
    operation_id="petition_history",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def petition_history(request: HttpRequest, slug: str, query: Query[HistoryQuery]) -> HttpResponse:  # noqa: ARG001 # ninja passes it
    """
    Counted signatures by hour of UTC since the start, each in the hour in which it was proved; one that was withdrawn or
    removed is taken off the hour that it had entered. As CSV the hours alone; as JSON also the days, how fast signatures
    come, the busiest hour and day, and an honest range for the next milestone.

    Small numbers are hidden. A day of 1 to 4 reads `<5`, and days whose number would tell one read `withheld`; neither
    tells its hours. Where a day has an hour of 1 to 4, all its hours up to the next larger number read alike, as `<8` say.
    Everything else in the answer is computed from these public numbers and tells no more than they do. This keeps a
    reader of the data from seeing small groups, not somebody who records the public count minute by minute.
    """
    if query.format not in FORMATS:
        raise HttpError(422, f"“format” must be one of: {', '.join(FORMATS)}.")
    petition = Petition.objects.published().select_related("tally").filter(slug=slug).first()
    if petition is None:
        raise HttpError(404, "There is no published petition at this address.")
    return _answer(open_history(petition=petition, now=timezone.now()), file_format=query.format)


def _answer(numbers: OpenHistory, *, file_format: str) -> HttpResponse:
    if file_format == "csv":
        response = HttpResponse(history_csv(numbers=numbers), content_type="text/csv; charset=utf-8")
        name = f"{numbers.petition.slug}_signatures-by-hour_UTC.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        response = HttpResponse(history_json(numbers=numbers), content_type="application/json")
    response.headers["Cache-Control"] = _CACHING
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
