"""How a reader wants to see the timeline. The form's query string is the permalink of the view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from campaigns.rules.periods import MOST_DAYS, Unit
from petitions.rules.periods import zone_names

_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)
# Offered in the list; any other zone of the IANA database works in a link.
_OFFERED_ZONES = (
    "UTC", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Paris",
    "Africa/Lagos", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TimelineChoice:
    """What the reader chose; None and "" where they left it to the page."""

    first: date | None
    last: date | None
    unit: Unit
    tz: ZoneInfo
    series: str


class _DateInput(forms.DateInput):
    input_type = "date"


def _date_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=_DateInput(format="%Y-%m-%d"),
        validators=[MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)],
    )


class TimelineForm(forms.Form):
    """GET form: from, to, unit, tz, series. Every field may be missing."""

    unit = forms.ChoiceField(
        label=_("Added up by"),
        required=False,
        choices=[(Unit.DAY, _("Day")), (Unit.WEEK, _("Week")), (Unit.MONTH, _("Month"))],
    )
    tz = forms.ChoiceField(label=_("Time zone"), required=False)
    series = forms.ChoiceField(label=_("Petition"), required=False)
    field_order = ("from", "to", "unit", "tz", "series")

    def __init__(self, *args: Any, campaign_zone: str, series: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign_zone = campaign_zone
        self.fields["from"] = _date_field(_("From"))
        self.fields["to"] = _date_field(_("To"))
        self.fields["tz"].choices = [(zone, zone.replace("_", " ")) for zone in self._zones()]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["series"].choices = [("", _("All petitions together")), *series]  # type: ignore[attr-defined] # a ChoiceField
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last day lies before the first one."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("to", _("Choose at most ten years."))
        return self.cleaned_data

    def choice(self) -> TimelineChoice:
        """The reader's choice, or the defaults in full if any part of it cannot be read."""
        asked: Mapping[str, Any] = self.cleaned_data if self.is_valid() else {}
        return TimelineChoice(
            first=asked.get("from"),
            last=asked.get("to"),
            unit=Unit(asked.get("unit") or Unit.DAY),
            tz=ZoneInfo(asked.get("tz") or self.campaign_zone),
            series=asked.get("series") or "",
        )

    def _zones(self) -> list[str]:
        asked = self.data.get("tz", "")
        extra = [zone for zone in (self.campaign_zone, asked) if zone in zone_names()]
        return list(dict.fromkeys([*extra[:1], *_OFFERED_ZONES, *extra[1:]]))
