"""The geometry of the timeline: where each thing stands, as fractions of the width and pixels of the height."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.rules.markers import Cluster, beside, centred, cluster_marks
from campaigns.rules.periods import Period, Window
from campaigns.rules.scales import DateTick, date_ticks, text_width, value_ticks

# One picture, laid out for three widths: across, everything is a share of the real width, and only what must not
# overlap (labels) is laid out again. Each layout is right from its own width up to the next.
LAYOUT_WIDTHS = {"narrow": 280, "medium": 560, "wide": 960}
PLOT_TOP, PLOT_HEIGHT = 66, 220
BASELINE = PLOT_TOP + PLOT_HEIGHT
PICTURE_HEIGHT = BASELINE + 44
_SPANS_TOP, _LANE_HEIGHT, LANES = 30, 4, 3
AREA_SCALE = 1000  # units of height in the area's own coordinates
BADGE_SIZE = 24  # WCAG 2.2 «target size»
_BADGE_PADDING, _BADGE_GAP = 14, 3
_FLAG_REACH, _FLAG_AIR = 9, 6  # from the middle of a milestone's mark to its label, and the air after the label


@dataclass(frozen=True, kw_only=True)
class Mark:
    """An event inside the window: its number and key in the list, its place, and the days that it may or did span."""

    number: int
    key: str
    fraction: float
    span: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Span:
    """A line over the days of one mark, in the first lane where no earlier line is."""

    start: float
    end: float
    lane: int

    @property
    def y(self) -> int:
        return _SPANS_TOP + self.lane * _LANE_HEIGHT


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A milestone inside the window."""

    threshold: int
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A period with signatures: a share of the width, and a height in pixels."""

    period: Period
    fraction: float
    share: float
    top: float
    height: float


@dataclass(frozen=True, kw_only=True)
class ValueTick:
    value: int
    y: float


@dataclass(frozen=True, kw_only=True)
class Badge:
    """A label over the marks first … last: its middle is `shift` pixels right of a fraction of the axis."""

    first: int
    last: int
    fraction: float
    shift: float
    width: float
    label: str

    @property
    def left(self) -> float:
        return self.shift - self.width / 2


@dataclass(frozen=True, kw_only=True)
class FlagLabel:
    """The numbers beside the milestones first … last, right of the last one or left of the first one."""

    first: int
    last: int
    fraction: float
    shift: float
    is_left: bool


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What is laid out again for each width."""

    name: str
    ticks: list[DateTick]
    badges: list[Badge]
    flag_labels: list[FlagLabel]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Everything that the template places."""

    window: Window
    scale_px: float  # how wide the numbers of the scale are drawn, left of the picture
    area: str
    bars: list[Bar]
    value_ticks: list[ValueTick]
    marks: list[Mark]
    spans: list[Span]
    flags: list[Flag]
    layouts: list[Layout]


def draw_chart(
    *,
    window: Window,
    periods: Sequence[Period],
    marks: Sequence[Mark],
    flags: Sequence[Flag],
) -> Chart:
    """
    This function will compute everything that the template places.

    Args: periods: every period of the window, oldest first.  marks, flags: those inside the window, ascending.
    """
    scale = value_ticks(max((period.drawn for period in periods), default=0))
    top = scale[-1]
    return Chart(
        window=window,
        scale_px=text_width(f"{top:,}"),
        area=_area(periods=periods, window=window, top=top),
        bars=[_bar(period=period, window=window, top=top) for period in periods if not period.is_empty],
        value_ticks=[ValueTick(value=value, y=_y(value, top)) for value in scale],
        marks=list(marks),
        spans=spans_in_lanes([mark.span for mark in marks if mark.span]),
        flags=list(flags),
        layouts=[_layout(name, window=window, marks=marks, flags=flags) for name in LAYOUT_WIDTHS],
    )


def spans_in_lanes(spans: Sequence[tuple[float, float]]) -> list[Span]:
    """This function will lay lines that overlap below each other; a fourth one at the same place shares the last lane."""
    ends = [-1.0] * LANES
    laid = []
    for start, end in sorted(spans):
        lane = next((lane for lane, taken in enumerate(ends) if taken < start), LANES - 1)
        ends[lane] = max(ends[lane], end)
        laid.append(Span(start=start, end=end, lane=lane))
    return laid


def badge_label(first: int, last: int) -> str:
    """This function will write which numbers of the list a badge stands for."""
    return str(first) if first == last else f"{first}–{last}"


def badge_width(label: str) -> float:
    return max(BADGE_SIZE, text_width(label) + _BADGE_PADDING)


def flag_width(first: int, last: int) -> float:
    """This function will estimate how wide the numbers of some milestones are drawn."""
    return text_width(f"{last:,}" if first == last else f"{first:,}–{last:,}") + _FLAG_AIR


def _layout(name: str, *, window: Window, marks: Sequence[Mark], flags: Sequence[Flag]) -> Layout:
    axis_px = LAYOUT_WIDTHS[name]
    return Layout(
        name=name,
        ticks=date_ticks(window=window, width=axis_px),
        badges=_badges(marks, axis_px),
        flag_labels=_flag_labels(flags, axis_px),
    )


def _badges(marks: Sequence[Mark], axis_px: int) -> list[Badge]:
    def label(first: int, last: int) -> str:
        return badge_label(marks[first].number, marks[last].number)

    clusters = cluster_marks(
        fractions=[mark.fraction for mark in marks],
        axis_px=axis_px,
        width_of=lambda first, last: badge_width(label(first, last)),
        place=centred(axis_px=axis_px),
        gap_px=_BADGE_GAP,
    )
    return [
        Badge(
            first=cluster.first,
            last=cluster.last,
            fraction=cluster.middle,
            shift=cluster.left + cluster.width / 2 - cluster.middle * axis_px,
            width=cluster.width,
            label=label(cluster.first, cluster.last),
        )
        for cluster in clusters
    ]


def _flag_labels(flags: Sequence[Flag], axis_px: int) -> list[FlagLabel]:
    clusters = cluster_marks(
        fractions=[flag.fraction for flag in flags],
        axis_px=axis_px,
        width_of=lambda first, last: flag_width(flags[first].threshold, flags[last].threshold),
        place=beside(axis_px=axis_px, reach_px=_FLAG_REACH),
        gap_px=0,
    )
    return [_flag_label(cluster, axis_px) for cluster in clusters]


def _flag_label(cluster: Cluster, axis_px: int) -> FlagLabel:
    is_left = cluster.left < cluster.start * axis_px - _FLAG_REACH - _FLAG_AIR
    return FlagLabel(
        first=cluster.first,
        last=cluster.last,
        fraction=cluster.start if is_left else cluster.end,
        shift=-_FLAG_REACH if is_left else _FLAG_REACH,
        is_left=is_left,
    )


def _bar(*, period: Period, window: Window, top: int) -> Bar:
    start, end = (window.fraction(day) for day in (period.first.toordinal(), period.last.toordinal() + 1))
    y = _y(period.drawn, top)
    return Bar(period=period, fraction=start, share=end - start, top=y, height=BASELINE - y)


def _y(value: int, top: int) -> float:
    return BASELINE - PLOT_HEIGHT * value / top


def _area(*, periods: Sequence[Period], window: Window, top: int) -> str:
    """Steps instead of bars side by side: no seams between them at any width, and one element instead of hundreds."""
    steps = [f"M0 {AREA_SCALE}"]
    for period in periods:
        height = AREA_SCALE - round(AREA_SCALE * period.drawn / top, 1)
        steps.append(f"V{height:g}H{(period.last - window.first).days + 1}")
    return "".join([*steps, f"V{AREA_SCALE}Z"])
