"""What the organisers' actions refuse."""


class EditingError(Exception):
    """What these actions refuse."""


class SlugTaken(EditingError):
    """Another petition has this address already."""


class IllegalTransition(EditingError):
    """The petition is in a state from which this step does not lead; perhaps somebody was quicker."""


class TextMissing(EditingError):
    """A petition needs a text in its default language before it can open."""


class StaleText(EditingError):
    """Another version was published since this one was begun; nothing was written."""


class ImpossibleTime(EditingError):
    """The opening or closing would lie in the past, or the closing before the opening."""


class BadLadder(EditingError):
    """A ladder has 1 to 40 steps, each a whole number from 1 to 2,000,000,000."""


class StaleLadder(EditingError):
    """Another ladder was saved since this one was begun; nothing was written."""


class LadderOvertaken(EditingError):
    """The count has passed other new steps than the organiser was told of; nothing was written."""


class CountryNeeded(EditingError):
    """Who may sign is told by the country: the form must ask for it."""


class NobodyNamed(EditingError):
    """A rule by mail domains or countries names at least one."""


class TooManyQuestions(EditingError):
    """A petition asks five questions of its own at most; perhaps somebody was quicker."""


class BadOptions(EditingError):
    """A choice has two to ten options, a text has none."""


class QuestionGone(EditingError):
    """The petition does not ask this question any more, or never did."""


class StaleQuestion(EditingError):
    """Somebody has changed the question since it was read; nothing was written."""


class StaleConsent(EditingError):
    """Another version of the words was published since they were read; nothing was written."""
