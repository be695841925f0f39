"""Asking for an export."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.organiser_forms.fields import DayField, ZoneField
from petitions.rules.periods import Grouping

_GROUPINGS = (
    (Grouping.HOUR.value, _("Hour")),
    (Grouping.DAY.value, _("Day")),
    (Grouping.WEEK.value, _("Week (from Monday)")),
    (Grouping.MONTH.value, _("Month")),
    (Grouping.COUNTRY.value, _("Country")),
    (Grouping.CHANNEL.value, _("Channel")),
)


class ExportForm(forms.Form):
    """Asks for an export, in the same words as the API's address does, so that the page can link to the file."""

    by = forms.ChoiceField(label=_("Add up by"))  # its choices are the petition's
    tz = ZoneField(label=_("Days begin in"))

    def __init__(self, *args: Any, questions: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groupings = [*_GROUPINGS, *questions]
        self.fields["by"] = forms.ChoiceField(label=_("Add up by"), choices=self._groupings)
        # "from" is a word of Python's and cannot be written as an attribute.
        self.fields["from"] = DayField(label=_("First day"))
        self.fields["to"] = DayField(label=_("Last day"))

    @property
    def grouping_label(self) -> str:
        """The words of what was chosen, "" for what cannot be chosen."""
        return next((str(label) for by, label in self._groupings if by == self["by"].value()), "")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("from") and cleaned.get("to") and cleaned["to"] < cleaned["from"]:
            self.add_error("to", _("The last day must not lie before the first."))
        return cleaned
