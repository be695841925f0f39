"""Everything that a campaign's timeline shows, in a fixed number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, Event, EventKind, EventSource, ReportedFigure
from campaigns.queries.texts import best_text
from campaigns.rules.moments import Moment, Precision, day_number
from campaigns.rules.periods import Window
from petitions.models import Petition
from petitions.queries.counts import milestones_of, signatures_by_day
from petitions.queries.texts import petition_titles


@dataclass(frozen=True, kw_only=True)
class CompetingDate:
    moment: Moment
    source: str


@dataclass(frozen=True, kw_only=True)
class TimelineEvent:
    """A public event. `number` is its place among all of them, the same in the list and on the chart."""

    number: int
    key: str
    kind: EventKind
    title: str
    language: str
    titles: dict[str, str]
    moment: Moment
    until: Moment | None
    sources: list[EventSource]
    competing_dates: list[CompetingDate]
    created_at: datetime
    updated_at: datetime

    @property
    def is_disputed(self) -> bool:
        return bool(self.competing_dates)

    def place(self, tz: ZoneInfo) -> float:
        return self.moment.centre(tz)

    def span(self, tz: ZoneInfo) -> tuple[float, float] | None:
        """The days that it lasted, that its date leaves open, or that its sources dispute; None if one day or less."""
        moments = [
            self.moment,
            *([self.until] if self.until else []),
            *(other.moment for other in self.competing_dates),
        ]
        first = min(moment.first_day(tz) for moment in moments)
        last = max(moment.last_day(tz) for moment in moments)
        return (first.toordinal(), last.toordinal() + 1) if last > first else None


@dataclass(frozen=True, kw_only=True)
class TimelinePetition:
    pk: int
    slug: str
    title: str


@dataclass(frozen=True, kw_only=True)
class TimelineMilestone:
    petition: TimelinePetition
    threshold: int
    reached_at: datetime

    @property
    def moment(self) -> Moment:
        return Moment(at=self.reached_at, precision=Precision.MINUTE)

    def place(self, tz: ZoneInfo) -> float:
        return day_number(self.moment.local(tz))


@dataclass(frozen=True, kw_only=True)
class ReportedTable:
    """One outside series: what it counts, in which unit, and each figure with its source."""

    name: str
    unit: str
    language: str
    figures: list[ReportedFigure]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """What one reader sees: the events and milestones in order, and the signatures of each local day."""

    tz: ZoneInfo
    petitions: list[TimelinePetition]
    events: list[TimelineEvent]
    milestones: list[TimelineMilestone]
    counts: list[tuple[date, int]]

    @cached_property
    def total(self) -> int:
        return sum(n for _day, n in self.counts)

    @cached_property
    def whole(self) -> Window | None:
        """From the first event or signature to the last; None where there is neither."""
        days = [day for day, n in self.counts if n]
        for event in self.events:
            last = event.until or event.moment
            days += [event.moment.first_day(self.tz), last.last_day(self.tz)]
        return Window(first=min(days), last=max(days)) if days else None

    @cached_property
    def years(self) -> list[tuple[int, list["TimelineEvent | TimelineMilestone"]]]:
        """The entries by year, oldest first."""
        by_year: dict[int, list[TimelineEvent | TimelineMilestone]] = {}
        for entry in self.entries:
            by_year.setdefault(entry.moment.first_day(self.tz).year, []).append(entry)
        return list(by_year.items())

    @cached_property
    def entries(self) -> list[TimelineEvent | TimelineMilestone]:
        """Events and milestones in order of time."""
        return sorted([*self.events, *self.milestones], key=lambda entry: entry.place(self.tz))


def public_petitions(*, campaign: Campaign, language: str) -> list[TimelinePetition]:
    """This function will list the campaign's published petitions by slug, each with its latest title."""
    petitions = list(Petition.objects.published().filter(campaigns=campaign).order_by("slug"))
    titles = petition_titles(petitions=petitions, language=language)
    return [TimelinePetition(pk=one.pk, slug=one.slug, title=titles[one.pk]) for one in petitions]


def timeline_of(
    *, campaign: Campaign, petitions: Collection[TimelinePetition], tz: ZoneInfo, language: str
) -> Timeline:
    """This function will read the timeline of a campaign with the signatures and milestones of some of its petitions."""
    return Timeline(
        tz=tz,
        petitions=list(petitions),
        events=_public_events(campaign=campaign, tz=tz, language=language),
        milestones=_milestones(petitions),
        counts=signatures_by_day(petition_ids=[petition.pk for petition in petitions], tz=tz),
    )


def reported_tables(*, campaign: Campaign, language: str) -> list[ReportedTable]:
    """This function will list the figures that others report, oldest first in each series."""
    tables = []
    for series in campaign.reported_series.prefetch_related("texts", "figures").order_by("id"):
        text = best_text(series.texts.all(), language)
        if text is None:
            continue
        figures = sorted(series.figures.all(), key=lambda figure: (figure.reported_on, figure.pk))
        tables.append(ReportedTable(name=text.name, unit=text.unit, language=text.language, figures=figures))
    return tables


def _public_events(*, campaign: Campaign, tz: ZoneInfo, language: str) -> list[TimelineEvent]:
    rows = campaign.events.filter(published=True).prefetch_related("texts", "sources", "competing_dates")
    ordered = sorted(rows, key=lambda row: (_moment(row).centre(tz), row.occurs_at, row.pk))
    return [_timeline_event(row, number=number, language=language) for number, row in enumerate(ordered, start=1)]


def _timeline_event(row: Event, *, number: int, language: str) -> TimelineEvent:
    texts = row.texts.all()
    text = best_text(texts, language)
    precision = Precision(row.precision)
    return TimelineEvent(
        number=number,
        key=row.key,
        kind=EventKind(row.kind),
        title=text.title if text else row.key,
        language=text.language if text else language,
        titles={one.language: one.title for one in sorted(texts, key=lambda one: one.language)},
        moment=_moment(row),
        until=Moment(at=row.until, precision=precision) if row.until else None,
        sources=sorted(row.sources.all(), key=lambda source: source.pk),
        competing_dates=[
            CompetingDate(moment=Moment(at=other.at, precision=Precision(other.precision)), source=other.source)
            for other in sorted(row.competing_dates.all(), key=lambda other: (other.at, other.pk))
        ],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _moment(row: Event) -> Moment:
    return Moment(at=row.occurs_at, precision=Precision(row.precision))


def _milestones(petitions: Collection[TimelinePetition]) -> list[TimelineMilestone]:
    by_pk = {petition.pk: petition for petition in petitions}
    return [
        TimelineMilestone(petition=by_pk[row.petition_id], threshold=row.threshold, reached_at=row.reached_at)
        for row in milestones_of(petition_ids=by_pk.keys())
    ]
