"""Asking for an export."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.organiser_forms.fields import DayField, ZoneField
from petitions.rules.periods import Grouping

GROUPING_LABELS = {
    Grouping.HOUR: _("Hour"),
    Grouping.DAY: _("Day"),
    Grouping.WEEK: _("Week (from Monday)"),
    Grouping.MONTH: _("Month"),
    Grouping.COUNTRY: _("Country"),
    Grouping.CHANNEL: _("Channel"),
}


class ExportForm(forms.Form):
    """Asks for an export, in the same words as the API's address does, so that the page can link to the file."""

    by = forms.ChoiceField(label=_("Add up by"), choices=[(by.value, label) for by, label in GROUPING_LABELS.items()])
    tz = ZoneField(label=_("Days begin in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is a word of Python's and cannot be written as an attribute.
        self.fields["from"] = DayField(label=_("First day"))
        self.fields["to"] = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("from") and cleaned.get("to") and cleaned["to"] < cleaned["from"]:
            self.add_error("to", _("The last day must not lie before the first."))
        return cleaned
