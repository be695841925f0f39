"""Marks on a narrow axis: those that would cover each other become one, which says how many it stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """
    Neighbouring marks drawn as one label.

    Args: first, last: indexes into the marks, both included.  start, end: fractions of the axis where the first and
          the last mark stand.  left, width: the box that nothing else may enter, in pixels of the width that it
          was laid out for.
    """

    first: int
    last: int
    start: float
    end: float
    left: float
    width: float

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where something lies on an axis, in pixels."""

    left: float
    width: float


WidthOf = Callable[[int, int], float]
Place = Callable[[float, float, float], Box]


def cluster_marks(
    *, fractions: Sequence[float], axis_px: float, width_of: WidthOf, place: Place, gap_px: float
) -> list[Cluster]:
    """
    This function will join marks until no two labels touch.

    Args:    fractions: where the marks stand, ascending, within 0 and 1.
             width_of: pixels that a label for the marks first … last needs.
             place: from the first and the last mark's places in pixels and a label's width to the room it takes.
    Returns: clusters in order; each mark is in exactly one.
    """
    clusters: list[Cluster] = []
    for index, fraction in enumerate(fractions):
        new = Cluster(first=index, last=index, start=fraction, end=fraction, left=0, width=0)
        clusters.append(_laid_out(new, axis_px, width_of, place))
        while len(clusters) > 1 and _touch(clusters[-2], clusters[-1], gap_px):
            later = clusters.pop()
            joined = replace(clusters.pop(), last=later.last, end=later.end)
            clusters.append(_laid_out(joined, axis_px, width_of, place))
    return clusters


def centred(*, axis_px: float) -> Place:
    """This function will make a placing that centres a label on its marks but keeps it on the axis."""

    def place(start: float, end: float, width: float) -> Box:
        return Box(left=max(0, min((start + end - width) / 2, axis_px - width)), width=width)

    return place


def beside(*, axis_px: float, reach_px: float) -> Place:
    """This function will make a placing right of the last mark, or left of the first one where the axis ends."""

    def place(start: float, end: float, width: float) -> Box:
        room = end - start + 2 * reach_px + width
        left = start - reach_px
        return Box(left=left if end + reach_px + width <= axis_px else left - width, width=room)

    return place


def _laid_out(cluster: Cluster, axis_px: float, width_of: WidthOf, place: Place) -> Cluster:
    label_width = width_of(cluster.first, cluster.last)
    box = place(cluster.start * axis_px, cluster.end * axis_px, label_width)
    return replace(cluster, left=box.left, width=box.width)


def _touch(earlier: Cluster, later: Cluster, gap_px: float) -> bool:
    return later.left < earlier.left + earlier.width + gap_px
