"""What organisers do to a petition: found it, word it, open, pause and close it, set what it asks. All of it audited."""

from petitions.actions.editing.asking import change_asked, change_eligibility
from petitions.actions.editing.consents import publish_news_consent
from petitions.actions.editing.errors import (
    BadLadder,
    BadOptions,
    CountryNeeded,
    EditingError,
    IllegalTransition,
    ImpossibleTime,
    LadderOvertaken,
    NobodyNamed,
    QuestionGone,
    SlugTaken,
    StaleConsent,
    StaleLadder,
    StaleQuestion,
    StaleText,
    TextMissing,
    TooManyQuestions,
)
from petitions.actions.editing.founding import create_petition
from petitions.actions.editing.ladder import change_ladder
from petitions.actions.editing.questions import (
    add_question,
    change_question,
    mark_of,
    move_question_up,
    retire_question,
)
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
    "BadOptions",
    "CountryNeeded",
    "EditingError",
    "IllegalTransition",
    "ImpossibleTime",
    "LadderOvertaken",
    "NobodyNamed",
    "QuestionGone",
    "SlugTaken",
    "StaleConsent",
    "StaleLadder",
    "StaleQuestion",
    "StaleText",
    "TextMissing",
    "TooManyQuestions",
    "add_question",
    "change_asked",
    "change_closing",
    "change_eligibility",
    "change_ladder",
    "change_question",
    "close_due_petitions",
    "close_petition",
    "create_petition",
    "mark_of",
    "move_question_up",
    "open_due_petitions",
    "open_petition",
    "pause_petition",
    "publish_news_consent",
    "publish_text",
    "resume_petition",
    "retire_question",
    "schedule_petition",
    "unschedule_petition",
]
