"""The organisers' forms: what they type, turned into days, instants, zones, steps and words. They save nothing."""

from petitions.organiser_forms.exports import GROUPING_LABELS, ExportForm
from petitions.organiser_forms.founding import NewPetitionForm, TextForm
from petitions.organiser_forms.states import CloseForm, ClosingForm, LadderForm, PauseForm, ScheduleForm

__all__ = [
    "GROUPING_LABELS",
    "CloseForm",
    "ClosingForm",
    "ExportForm",
    "LadderForm",
    "NewPetitionForm",
    "PauseForm",
    "ScheduleForm",
    "TextForm",
]
