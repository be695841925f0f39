"""From a request to one view of a timeline: the page, the picture and the files all show this."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from campaigns.forms.timeline import TimelineChoice, TimelineForm
from campaigns.models import Campaign, CampaignText
from campaigns.queries.texts import best_text
from campaigns.queries.timeline import (
    Timeline,
    TimelineEvent,
    TimelineMilestone,
    TimelinePetition,
    public_petitions,
    timeline_of,
)
from campaigns.rules.chart import Chart, Flag, Mark, draw_chart
from campaigns.rules.periods import (
    Period,
    Window,
    add_up,
    choose_window,
    default_window,
    fit_to_unit,
)

_QUIET_DAYS = timedelta(days=30)  # shown of a campaign in which nothing has happened yet


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One campaign as one reader asked to see it."""

    campaign: Campaign
    text: CampaignText | None
    petitions: list[TimelinePetition]
    form: TimelineForm
    choice: TimelineChoice
    timeline: Timeline
    window: Window
    periods: list[Period]

    @property
    def title(self) -> str:
        return self.text.title if self.text else self.campaign.slug

    @property
    def status(self) -> int:
        return 422 if self.form.errors else 200

    @cached_property
    def events_inside(self) -> list[TimelineEvent]:
        return [event for event in self.timeline.events if self._is_inside(event)]

    @cached_property
    def events_before(self) -> list[TimelineEvent]:
        start = self.window.first.toordinal()
        return [event for event in self.timeline.events if event.place(self.choice.tz) < start]

    @cached_property
    def events_after(self) -> list[TimelineEvent]:
        end = self.window.last.toordinal() + 1
        return [event for event in self.timeline.events if event.place(self.choice.tz) >= end]

    @cached_property
    def milestones_inside(self) -> list[TimelineMilestone]:
        return [milestone for milestone in self.timeline.milestones if self._is_inside(milestone)]

    @cached_property
    def chart(self) -> Chart:
        return draw_chart(
            window=self.window,
            periods=self.periods,
            marks=[self._mark(event) for event in self.events_inside],
            flags=[
                Flag(threshold=milestone.threshold, fraction=self.window.fraction(milestone.place(self.choice.tz)))
                for milestone in self.milestones_inside
            ],
        )

    @cached_property
    def query(self) -> str:
        """The query string that opens this view again, on the page and on each of its files."""
        return self.query_with()

    def query_with(self, **changes: str) -> str:
        choice = self.choice
        asked = {
            "from": choice.first.isoformat() if choice.first else "",
            "to": choice.last.isoformat() if choice.last else "",
            "unit": choice.unit.value if self.form.data.get("unit") and not self.form.errors else "",
            "tz": choice.tz.key if choice.tz.key != self.campaign.timezone else "",
            "series": choice.series,
        }
        return urlencode({name: value for name, value in (asked | changes).items() if value})

    def _is_inside(self, entry: TimelineEvent | TimelineMilestone) -> bool:
        return 0 <= self.window.fraction(entry.place(self.choice.tz)) < 1

    def _mark(self, event: TimelineEvent) -> Mark:
        span = event.span(self.choice.tz)
        if span:
            start, end = (min(1.0, max(0.0, self.window.fraction(day))) for day in span)
            span = (start, end)
        return Mark(
            number=event.number, fraction=self.window.fraction(event.place(self.choice.tz)), span=span, key=event.key
        )


def read_timeline(*, request: HttpRequest, slug: str, now: datetime) -> Reading:
    """This function will find a public campaign and read it as the query string asks."""
    language = get_language() or "en"
    campaign = Campaign.objects.public().filter(slug=slug).first()
    if campaign is None:
        raise Http404
    petitions = public_petitions(campaign=campaign, language=language)
    form = TimelineForm(
        request.GET, campaign_zone=campaign.timezone, series=[(petition.slug, petition.title) for petition in petitions]
    )
    choice = form.choice()
    shown = [petition for petition in petitions if choice.series in ("", petition.slug)]
    timeline = timeline_of(campaign=campaign, petitions=shown, tz=choice.tz, language=language)
    window = _window(choice=choice, timeline=timeline, now=now)
    return Reading(
        campaign=campaign,
        text=best_text(campaign.texts.all(), language),
        petitions=petitions,
        form=form,
        choice=choice,
        timeline=timeline,
        window=window,
        periods=add_up(counts=timeline.counts, window=window, unit=choice.unit),
    )


def _window(*, choice: TimelineChoice, timeline: Timeline, now: datetime) -> Window:
    today = now.astimezone(choice.tz).date()
    otherwise = timeline.whole or Window(first=today - _QUIET_DAYS, last=today)
    usual = default_window(counts=timeline.counts, otherwise=otherwise, today=today)
    window = choose_window(first=choice.first, last=choice.last, otherwise=usual)
    return fit_to_unit(window=window, unit=choice.unit)
