"""The limits, periods and words of a story. Plain Python."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MIN_BODY_CHARS = 50
MAX_BODY_CHARS = 8_000
MAX_DISPLAY_NAME_CHARS = 60
MAX_MESSAGE_CHARS = 2_000
LANGUAGES = ("en", "fr")
CONTENT_LABELS = ("grief", "self_harm", "mental_health", "abuse", "violence")

DECISION_PERIOD = timedelta(hours=72)  # reference/moderation.md 4.2: the routine lane
UNVERIFIED_LIFETIME = timedelta(days=7)
WITHDRAWN_RETENTION = timedelta(days=30)
DECLINED_RETENTION = timedelta(days=180)  # an author has as long to answer a decision
MAILS_PER_DAY = 3  # to one address for one campaign, whoever types it
MIN_DECISIONS_FOR_ESTIMATE = 5  # a median of fewer says nothing


@dataclass(frozen=True, kw_only=True)
class StoryDraft:
    """What an author wrote and chose, already cleaned and checked by the form. An empty name means anonymous."""

    body: str
    language: str
    consents: frozenset[str]
    display_name: str = ""
    content_labels: tuple[str, ...] = field(default=())


def decision_due_at(*, confirmed_at: datetime) -> datetime:
    """This function will tell by when the team means to decide: the clock starts when a moderator could first look."""
    return confirmed_at + DECISION_PERIOD
