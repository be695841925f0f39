"""The organisers' forms: what they type, turned into days, instants, zones, steps and words. They save nothing."""

from petitions.organiser_forms.asking import AskedForm, ConsentForm, EligibilityForm
from petitions.organiser_forms.comments import DecideCommentForm
from petitions.organiser_forms.exports import ExportForm
from petitions.organiser_forms.founding import NewPetitionForm, TextForm
from petitions.organiser_forms.ladder import LadderForm, as_lines, as_shown
from petitions.organiser_forms.questions import QuestionForm, with_known_words
from petitions.organiser_forms.states import CloseForm, ClosingForm, PauseForm, ScheduleForm

__all__ = [
    "AskedForm",
    "CloseForm",
    "ClosingForm",
    "ConsentForm",
    "DecideCommentForm",
    "EligibilityForm",
    "ExportForm",
    "LadderForm",
    "NewPetitionForm",
    "PauseForm",
    "QuestionForm",
    "ScheduleForm",
    "TextForm",
    "as_lines",
    "as_shown",
    "with_known_words",
]
