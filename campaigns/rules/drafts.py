"""What an editor or a file says of an event, before it is rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.rules.moments import Moment


@dataclass(frozen=True, kw_only=True)
class SourceDraft:
    type: str
    name: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class DateDraft:
    moment: Moment
    source: str


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """An event as an editor wants it to read; texts, names and addresses are already cleaned."""

    key: str
    kind: str
    moment: Moment
    until: datetime | None = None
    titles: Mapping[str, str] = field(default_factory=dict)  # by language
    sources: Collection[SourceDraft] = ()
    competing_dates: Collection[DateDraft] = ()
