"""What organisers do to a petition: found it, word it, open, pause and close it, set what it asks. All of it audited."""

from petitions.actions.editing.errors import (
    BadLadder,
    EditingError,
    IllegalTransition,
    ImpossibleTime,
    SlugTaken,
    StaleText,
    TextMissing,
)
from petitions.actions.editing.founding import create_petition
from petitions.actions.editing.ladder import change_ladder
from petitions.actions.editing.states import (
    change_closing,
    close_due_petitions,
    close_petition,
    open_due_petitions,
    open_petition,
    pause_petition,
    resume_petition,
    schedule_petition,
    unschedule_petition,
)
from petitions.actions.editing.texts import publish_text

__all__ = [
    "BadLadder",
    "EditingError",
    "IllegalTransition",
    "ImpossibleTime",
    "SlugTaken",
    "StaleText",
    "TextMissing",
    "change_closing",
    "change_ladder",
    "close_due_petitions",
    "close_petition",
    "create_petition",
    "open_due_petitions",
    "open_petition",
    "pause_petition",
    "publish_text",
    "resume_petition",
    "schedule_petition",
    "unschedule_petition",
]
