"""The arithmetic of petitions: ladders, quarter hours and who may sign when. Plain Python."""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

DEFAULT_LADDER = (
    100, 500, 1_000, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
)  # fmt: skip
BUCKET_WIDTH = timedelta(minutes=15)
MAILS_PER_DAY = 3
SMALLEST_PUBLIC_CELL = 5
WITHHELD = "withheld"
FIRST_YEAR, LAST_YEAR = 2000, 2099
# In the folder of the zones, but no zone: "unset", and whatever the server itself is set to.
_NO_ZONES = frozenset({"Factory", "localtime"})
LADDER_MAX_STEPS = 40
LADDER_MAX_THRESHOLD = 2_000_000_000  # what the column holds, and a quarter of mankind
# From which states a petition may come into each; closing is for good.
STATES_BEFORE: dict[str, frozenset[str]] = {
    "draft": frozenset({"scheduled"}),
    "scheduled": frozenset({"draft", "scheduled"}),
    "open": frozenset({"draft", "scheduled", "paused"}),
    "paused": frozenset({"open"}),
    "closed": frozenset({"open", "paused"}),
}


def next_milestone(*, ladder: Sequence[int], total: int) -> int | None:
    """This function will find the first threshold above the total, or None above the last."""
    return next((threshold for threshold in sorted(ladder) if threshold > total), None)


def public_cell(n: int) -> int | str:
    """This function will hide how few people stand behind a cell of a public table: 1 to 4 read as «<5»."""
    return f"<{SMALLEST_PUBLIC_CELL}" if 0 < n < SMALLEST_PUBLIC_CELL else n


def public_cells(ns: Sequence[int]) -> list[int | str]:
    """
    This function will hide the small cells of a table whose sum is known: 1 to 4 read as «<5».

    The sum of what is hidden is the total minus what is shown. Where that alone would tell a hidden cell (there is one
    only, or all must be 1 or all 4), the smallest other cells read «withheld», as few as needed.
    """
    shown = [public_cell(n) for n in ns]
    hidden = [n for n in ns if 0 < n < SMALLEST_PUBLIC_CELL]
    others = sorted((n, index) for index, n in enumerate(ns) if n >= SMALLEST_PUBLIC_CELL)
    withheld: list[int] = []
    while hidden and others and _can_be_told(hidden, withheld, smallest_shown=others[0][0]):
        n, index = others.pop(0)
        withheld.append(n)
        shown[index] = WITHHELD
    return shown


def _can_be_told(hidden: list[int], withheld: list[int], *, smallest_shown: int) -> bool:
    """This function will tell whether the sum of the cells not shown leaves a single sum for the small ones."""
    k, most = len(hidden), len(hidden) * (SMALLEST_PUBLIC_CELL - 1)
    if not withheld:
        return k == 1 or sum(hidden) in (k, most)
    not_shown = sum(hidden) + sum(withheld)
    lowest = max(k, not_shown - len(withheld) * smallest_shown)
    highest = min(most, not_shown - len(withheld) * SMALLEST_PUBLIC_CELL)
    return lowest >= highest


def formula_safe(cell: str) -> str:
    """This function will keep a spreadsheet from reading a cell as a formula (OWASP, «CSV injection»)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def bucket_start(instant: datetime) -> datetime:
    """This function will round an aware instant down to its quarter hour."""
    return instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)


class Grouping(StrEnum):
    """By what an export of counts adds up."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # ISO 8601: from Monday
    MONTH = "month"
    COUNTRY = "country"
    CHANNEL = "channel"

    @property
    def is_period(self) -> bool:
        return self not in (Grouping.COUNTRY, Grouping.CHANNEL)


def period_boundaries(*, by: Grouping, tz: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """
    This function will list the instants at which local periods start, in UTC, oldest first.

    Returns: the start of the period that holds `first`, every later one, and the end of the period that holds `last`:
             one instant more than there are periods. A day of 23, 24 or 25 hours is one day.
    """
    starts = _hour_starts(tz=tz, first=first) if by is Grouping.HOUR else _date_starts(by=by, tz=tz, first=first)
    boundaries = []
    for start in starts:
        boundaries.append(start)
        if start > last:
            return boundaries
    return boundaries


def period_label(*, by: Grouping, tz: ZoneInfo, start: datetime) -> str:
    """This function will name a local period as ISO 8601 does: 2026-02-13T14:00+01:00, 2026-02-13, 2026-W07, 2026-02."""
    local = start.astimezone(tz)
    if by is Grouping.HOUR:
        return local.isoformat(timespec="minutes")
    if by is Grouping.WEEK:
        year, week, _weekday = local.isocalendar()
        return f"{year}-W{week:02}"
    return local.strftime("%Y-%m" if by is Grouping.MONTH else "%Y-%m-%d")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """This function will list the zones of the IANA database, read once."""
    return frozenset(available_timezones()) - _NO_ZONES


def time_zone(name: str) -> ZoneInfo | None:
    """This function will find a zone by its IANA name, or None; no other text ever reaches the file system."""
    return ZoneInfo(name) if name in zone_names() else None


def day_from_text(text: str) -> date | None:
    """This function will read a day as ISO 8601 writes it, in the years in which a petition can stand, or None."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 # a local day, not an instant
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def local_midnight(*, day: date, tz: ZoneInfo) -> datetime:
    """This function will find the instant, in UTC, at which a local day begins, also where midnight is skipped."""
    return datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)


def _date_starts(*, by: Grouping, tz: ZoneInfo, first: datetime) -> Iterator[datetime]:
    day = first.astimezone(tz).date()
    if by is Grouping.WEEK:
        day -= timedelta(days=day.weekday())
    if by is Grouping.MONTH:
        day = day.replace(day=1)
    while True:
        yield local_midnight(day=day, tz=tz)
        day = _next_month(day) if by is Grouping.MONTH else day + timedelta(days=7 if by is Grouping.WEEK else 1)


def _next_month(day: date) -> date:
    return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)


def _hour_starts(*, tz: ZoneInfo, first: datetime) -> Iterator[datetime]:
    # Walks in UTC and looks at the local minute each time, since Lord Howe moves its clocks by half an hour.
    start = first.astimezone(UTC).replace(second=0, microsecond=0)
    start -= timedelta(minutes=start.astimezone(tz).minute)
    while True:
        yield start
        start += timedelta(minutes=60 - start.astimezone(tz).minute)


# --- Who may sign and prove, and with what ----------------------------------------------------------------------------
NAME_MAX_CHARS = 80
ADDRESS_MAX_CHARS = 254  # RFC 5321, with erratum 1690
_NEVER_PUBLISHED = ("draft", "scheduled")
# A name that a spreadsheet would read as a formula, or that would make our mail carry somebody's advertisement.
_FORMULA_SIGNS = ("=", "+", "-", "@")
_WEB_ADDRESS = re.compile(
    r"://|\bwww\.|[a-z0-9-]\.(?:com|net|org|info|biz|io|ru|cn|xyz|top|site|online|link|click|shop|app|dev|ai|gg|ly)\b",
    re.IGNORECASE,
)
# In CLDR, but no country: unions, pseudo-regions, and islands that ISO 3166-1 only reserves a code for.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


class NameProblem(StrEnum):
    """Why a name is not taken."""

    FORMULA = "formula"
    WEB_ADDRESS = "web_address"


class ProofState(StrEnum):
    """What a genuine link to prove an attempt is good for."""

    READY = "ready"
    PROVED = "proved"  # by this link or another one of the same person
    EXPIRED = "expired"
    TOO_LATE = "too_late"  # the petition has closed for good


def takes_signatures(*, state: str, closes_at: datetime | None, now: datetime) -> bool:
    """This function will tell whether a petition takes new attempts to sign."""
    return state == "open" and (closes_at is None or now < closes_at)


def takes_proofs(*, state: str, closes_at: datetime | None, grace: timedelta, now: datetime) -> bool:
    """
    This function will tell whether a link that was mailed still proves a signature.

    It does while the petition is paused, for a pause stops new attempts and breaks no promise already made, and for
    `grace` after closing.
    """
    return state not in _NEVER_PUBLISHED and (closes_at is None or now <= closes_at + grace)


def name_problem(name: str) -> NameProblem | None:
    """This function will find what keeps a cleaned text from being a name, or None."""
    folded = unicodedata.normalize("NFKC", name)  # a full-width = is a formula to a spreadsheet, too
    if folded.startswith(_FORMULA_SIGNS):
        return NameProblem.FORMULA
    return NameProblem.WEB_ADDRESS if _WEB_ADDRESS.search(folded) else None


@lru_cache(maxsize=8)
def country_names(language: str) -> dict[str, str]:
    """This function will name every country (ISO 3166-1, and Kosovo) in a language, in that language's order."""
    territories = Locale.parse(language, sep="-").territories
    names = {code: name for code, name in territories.items() if _is_country(code)}
    return dict(sorted(names.items(), key=lambda pair: _collation_key(pair[1])))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES


def _collation_key(name: str) -> str:
    """This function will sort É with E, as readers of both languages look it up."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign)).casefold()


# --- What changed between two versions of a text ------------------------------------------------------------------------
_CONTEXT_LINES = 1


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    KEPT = "kept"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of a comparison; a SKIPPED one stands for the unchanged lines between two changes."""

    kind: ChangeKind
    text: str = ""


_KINDS = {"+": ChangeKind.ADDED, "-": ChangeKind.REMOVED, " ": ChangeKind.KEPT, "@": ChangeKind.SKIPPED}


def text_changes(*, old: str, new: str) -> list[Change]:
    """This function will compare two texts line by line, with one unchanged line around each change; [] if equal."""
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT_LINES, lineterm="")
    changes = [_change(line) for line in list(diff)[2:]]  # the first two lines name files
    first_is_gap = bool(changes) and changes[0].kind is ChangeKind.SKIPPED
    return changes[1:] if first_is_gap else changes


def _change(line: str) -> Change:
    kind = _KINDS[line[0]]
    return Change(kind=kind) if kind is ChangeKind.SKIPPED else Change(kind=kind, text=line[1:])
