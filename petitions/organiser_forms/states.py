"""Opening, pausing and closing a petition."""

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms import CleanedCharField
from petitions.organiser_forms.fields import LocalInstantField


class ScheduleForm(forms.Form):
    opens_at = LocalInstantField(label=_("Opens on"))


class PauseForm(forms.Form):
    reason = CleanedCharField(
        label=_("Reason"), max_length=300, help_text=_("One sentence; everybody reads it on the petition's page.")
    )


class CloseForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I know that a closed petition cannot be opened again"),
        error_messages={"required": _("Please tick the box if you want to close the petition for good.")},
    )


class ClosingForm(forms.Form):
    closes_at = LocalInstantField(
        label=_("Closes on"), required=False, help_text=_("Leave it empty for a petition without an end.")
    )
