"""The fields of the organisers' forms: days, instants, zones, steps, and words by language."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.rules import clean_text
from petitions.rules.ladder import LADDER_MAX_STEPS, LADDER_MAX_THRESHOLD
from petitions.rules.periods import FIRST_YEAR, LAST_YEAR, day_from_text, zone_names

_DIGIT_GROUPS = re.compile(r"(?<=\d)[\s'’.,\u00a0\u202f](?=\d{3}(?!\d))")
_LOCAL_INSTANT = "%Y-%m-%dT%H:%M"


def _zone_choices() -> list[tuple[str, str]]:
    places = sorted(name for name in zone_names() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class TextBlockField(forms.CharField):
    """Several lines of text without what nobody sees; line breaks stay."""

    def to_python(self, value: Any) -> str:
        return clean_text(str(super().to_python(value)), multiline=True)


class ZoneField(forms.ChoiceField):
    """A time zone of the IANA database, by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=_zone_choices,
            error_messages={"invalid_choice": _("Please choose a time zone from the list.")},
            **options,
        )


class LocalInstantField(forms.DateTimeField):
    """A date and time in the zone that is active while the form is read: the petition's own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=[_LOCAL_INSTANT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL_INSTANT),
            error_messages={"invalid": _("Please give a date and a time, such as 2026-02-13T18:00.")},
            **options,
        )

    def clean(self, value: Any) -> Any:
        instant = super().clean(value)
        if instant is not None and not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise ValidationError(_("Please give a year that a petition can live to see."), code="year")
        return instant


class DayField(forms.CharField):
    """A local day, or nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.DateInput(attrs={"type": "date"}), **options)

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value))
        day = day_from_text(text)
        if text and day is None:
            raise ValidationError(_("Please give a day such as 2026-02-13."), code="invalid")
        return day


class LadderField(forms.CharField):
    """Whole numbers, one on each line; spaces or points between the thousands do no harm."""

    def to_python(self, value: Any) -> Any:
        lines = [_DIGIT_GROUPS.sub("", line.strip()) for line in str(super().to_python(value)).splitlines()]
        steps = [line for line in lines if line]
        if not all(step.isascii() and step.isdigit() and 1 <= int(step[:12]) <= LADDER_MAX_THRESHOLD for step in steps):
            raise ValidationError(_("Please write one whole number on each line, such as 20000."), code="invalid")
        if len(set(steps)) > LADDER_MAX_STEPS:
            sentence = _("A ladder can have at most %(limit)d steps.")
            raise ValidationError(sentence, code="too_many", params={"limit": LADDER_MAX_STEPS})
        return [int(step) for step in steps]
