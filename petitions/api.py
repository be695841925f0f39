"""
The counts for programs: who watches a number, and who takes the series out.

The first is public, the same for everybody and cacheable, since everybody reloads it on the great day. The second shows
a team's programs and people everything, and the public days and countries without small cells.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import BaseModel, ConfigDict, Field

from accounts.api import TeamTokenAuth
from accounts.decorators import may_lag
from accounts.models import ApiToken
from accounts.roles import READ_EXPORTS, teams_of
from petitions.models import Petition
from petitions.queries.answer_files import UnknownGrouping, table_by
from petitions.queries.counts import count_status
from petitions.queries.exports import ExportTable, as_csv, as_json, public_table
from petitions.queries.links import milestone_urls
from petitions.queries.series import Span, TooManyRows
from petitions.queries.work import asked_work, make_challenge
from petitions.rules.periods import FIRST_YEAR, LAST_YEAR, Grouping, day_from_text, time_zone
from petitions.rules.work import MAX_LEVEL

router = Router(tags=["Counts"])
PUBLIC_GROUPINGS = (Grouping.DAY, Grouping.COUNTRY)
EXPORT_FORMATS = ("json", "csv")
_COUNT_CACHING = "public, max-age=0, s-maxage=1, stale-while-revalidate=5, stale-if-error=60"
_PUBLIC_CACHING = "public, max-age=0, s-maxage=5, stale-while-revalidate=30, stale-if-error=600"
_NO_GROUPING = f"“by” must be one of: {', '.join(Grouping)}, or question-<number> for a choice of this petition."
_NOT_FOUND = "There is no published petition at this address."
_TOO_MANY_ROWS = "This would be more than 100,000 rows: ask for a shorter span or for longer periods."


class Problem(Schema):
    """What was wrong, in one sentence."""

    detail: str


class MilestoneOut(Schema):
    """`url` is its page in the petition's main language, which leads to the others."""

    threshold: int
    reached_at: datetime
    url: str


class CountOut(Schema):
    """`next_milestone` is null above the last step of the petition's ladder, and once the petition has closed."""

    petition: str
    count: int
    as_of: datetime
    next_milestone: int | None
    milestones: list[MilestoneOut]


class WorkOut(Schema):
    """`challenge` is one of ALTCHA, version 2 (PBKDF2/SHA-256), and null while the level is 0: then nothing is asked for."""

    level: int = Field(ge=0, le=MAX_LEVEL)
    challenge: dict[str, Any] | None


class CountsOut(BaseModel):
    """One row for each period, country, channel or answer; the key of its name is the value of `by`."""

    model_config = ConfigDict(populate_by_name=True)

    petition: str
    by: str
    timezone: str
    first_day: date | None = Field(alias="from")
    last_day: date | None = Field(alias="to")
    total: int | None = Field(description="The sum of the rows; null where it would tell what is hidden.")
    rows: list[dict[str, int | str]]


class CountsQuery(Schema):
    """What an export may be asked for. All of it is read as text, so that each mistake gets a sentence of its own."""

    by: str = Field(
        "day",
        description="The public may ask for `day` and `country`. `question-12` adds up the answers to a choice of the "
        "petition's own, for its team only.",
        json_schema_extra={"anyOf": [{"enum": list(Grouping)}, {"pattern": "^question-[1-9][0-9]{0,17}$"}]},
    )
    tz: str = Field(
        "",
        description="A zone of the IANA database, in which days begin; the petition's own by default.",
        examples=["Europe/Paris"],
    )
    first_day: str = Field("", alias="from", description="First local day, included: 2026-02-13.")
    last_day: str = Field("", alias="to", description="Last local day, included.")
    format: str = Field("json", json_schema_extra={"enum": list(EXPORT_FORMATS)})


class TeamTokenOrNobody(TeamTokenAuth):
    """A token is not needed, but one that is given must be right."""

    def __call__(self, request: HttpRequest) -> ApiToken | str | None:
        if "Authorization" not in request.headers:
            return "nobody"
        token: ApiToken | None = super().__call__(request)
        return token


@router.get(
    "/petitions/{slug}/count",
    response={200: CountOut, 400: Problem, 404: Problem},
    summary="The count of a petition",
    operation_id="petition_count",
)
@may_lag
def petition_count(request: HttpRequest, response: HttpResponse, slug: str) -> Status[Any]:  # noqa: ARG001 # ninja passes it
    """
    Proved signatures as published, at most two seconds behind the last proof. Made to be polled: the answer is the same
    for everybody, carries an ETag and may be cached by anyone for a second.
    """
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = _COUNT_CACHING
    try:
        status = count_status(slug=slug, now=timezone.now())
    except Petition.DoesNotExist:
        return Status(404, {"detail": _NOT_FOUND})
    urls = milestone_urls(slug=status.slug, language=status.language)
    milestones = [
        {"threshold": step.threshold, "reached_at": step.reached_at, "url": urls.format(threshold=step.threshold)}
        for step in status.milestones
    ]
    body = {
        "petition": status.slug,
        "count": status.count,
        "as_of": status.as_of,
        "next_milestone": status.next_milestone,
        "milestones": milestones,
    }
    return Status(200, body)


@router.get(
    "/petitions/{slug}/work",
    response={200: WorkOut, 400: Problem, 404: Problem},
    summary="The proof of work that signing asks for now",
    operation_id="petition_work",
    tags=["Signing"],
)
def petition_work(request: HttpRequest, response: HttpResponse, slug: str) -> Status[Any]:  # noqa: ARG001 # ninja passes it
    """
    For the signing form of this site. While more attempts arrive than usual, a browser proves some work before it signs:
    the solution is sent with the form, is good for this petition, for one signature and for twenty minutes.
    """
    response.headers["Cache-Control"] = "no-store"
    now = timezone.now()
    petition = _published(slug)
    level = asked_work(slug=petition.slug, now=now)
    challenge = make_challenge(slug=petition.slug, level=level, now=now) if level else None
    return Status(200, {"level": level, "challenge": challenge})


@router.get(
    "/petitions/{slug}/counts",
    auth=TeamTokenOrNobody(),
    response={200: CountsOut, 400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem},
    summary="Counts by period, country or channel",
    operation_id="petition_counts",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def petition_counts(request: HttpRequest, slug: str, query: Query[CountsQuery]) -> HttpResponse:
    """
    Counted signatures by local `hour`, `day`, `week` (ISO, from Monday), `month`, or by `country` or `channel`. Empty
    periods are rows with 0. Without `from` and `to`, the rows add up to the published count.

    By `question-<number>`, a choice that the petition asks or asked: one row for each answer, in the petition's main
    language, with its `key`, which never changes; `unknown` are those who did not answer. It is read from the
    signatures themselves, so it may be two seconds ahead of the published count. The public never sees answers.

    With a team's token, or the session of an owner, organiser or analyst of the team, every figure is shown. Everybody
    else sees `day` and `country`; a cell of 1 to 4 reads `<5`, and where the total would tell a hidden cell, the
    smallest other cells read `withheld`. Countries are then shown for the whole time only. This keeps a reader of the
    table from seeing small groups. It cannot keep somebody who records the public count, minute by minute, from knowing
    when signatures came: that count is public on purpose.
    """
    petition = _published(slug)
    by, span = _read_query(query, petition)
    if _may_see_all(request, petition):
        return _answer(_whole_table(petition, by, span), file_format=query.format, caching="private, no-store")
    return _answer(_public_table(petition, by, span), file_format=query.format, caching=_PUBLIC_CACHING)


def _published(slug: str) -> Petition:
    petition = Petition.objects.published().filter(slug=slug).first()
    if petition is None:
        raise HttpError(404, _NOT_FOUND)
    return petition


def _read_query(query: CountsQuery, petition: Petition) -> tuple[str, Span]:
    if query.by not in list(Grouping) and not query.by.startswith("question-"):
        raise HttpError(422, _NO_GROUPING)
    if query.format not in EXPORT_FORMATS:
        raise HttpError(422, f"“format” must be one of: {', '.join(EXPORT_FORMATS)}.")
    span = Span(
        tz=_read_zone(query.tz or petition.timezone),
        first_day=_read_day("from", query.first_day),
        last_day=_read_day("to", query.last_day),
    )
    if span.is_reversed:
        raise HttpError(422, "“to” must not lie before “from”.")
    return query.by, span


def _read_zone(name: str) -> ZoneInfo:
    tz = time_zone(name)
    if tz is None:
        raise HttpError(422, "“tz” must be a time zone of the IANA database, such as Europe/Paris.")
    return tz


def _read_day(name: str, text: str) -> date | None:
    if not text:
        return None
    day = day_from_text(text)
    if day is None:
        raise HttpError(422, f"“{name}” must be a day such as 2026-02-13, from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _may_see_all(request: HttpRequest, petition: Petition) -> bool:
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return token.team_id == petition.team_id
    # Without the cookie there is no session to open, and the answer stays the same for everybody.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    if not teams_of(user=request.user, roles=READ_EXPORTS).filter(pk=petition.team_id).exists():
        return False
    return not settings.STAFF_MFA_REQUIRED or is_mfa_enabled(request.user)


def _whole_table(petition: Petition, by: str, span: Span) -> ExportTable:
    try:
        return table_by(petition=petition, by=by, span=span)
    except UnknownGrouping as error:
        raise HttpError(422, _NO_GROUPING) from error
    except TooManyRows as error:
        raise HttpError(422, _TOO_MANY_ROWS) from error


def _public_table(petition: Petition, by: str, span: Span) -> ExportTable:
    if by not in PUBLIC_GROUPINGS:
        raise HttpError(403, "Without a token of the petition's team, “by” must be day or country.")
    if by == Grouping.COUNTRY and span.is_bounded:
        # The difference of two spans would be the countries of single days.
        raise HttpError(403, "Without a token of the petition's team, countries are shown for the whole time only.")
    try:
        return public_table(petition=petition, by=Grouping(by), span=span)
    except TooManyRows as error:
        raise HttpError(422, _TOO_MANY_ROWS) from error


def _answer(table: ExportTable, *, file_format: str, caching: str) -> HttpResponse:
    if file_format == "csv":
        response = HttpResponse(as_csv(table=table), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{table.file_stem}.csv"'
    else:
        response = HttpResponse(as_json(table=table), content_type="application/json")
    response.headers["Cache-Control"] = caching
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response
